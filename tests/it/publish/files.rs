//! Documents → files: unchanged stays untouched, the gate, the disk, readers beside the writer.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use feedloom::{GateError, Mode, OutputFormat as Format, PublishError, Rendered, Shrink, Written, write};

use super::world::{World, entry, output};

/// A world of `count` stories of two sources.
fn stories(count: i64) -> World {
    (0..count).fold(World::new(), |world, n| {
        let source = if n % 2 == 0 { "alpha" } else { "beta" };
        world.with(vec![entry(source, &n.to_string(), &format!("Story {n}"), n)])
    })
}

fn rendered(world: &World, format: Format) -> Rendered {
    world.plan().outputs.into_iter().find(|rendered| rendered.format == format).unwrap()
}

fn publish(dir: &Path, world: &World) -> Vec<Result<Written, PublishError>> {
    let plan = world.plan();
    plan.outputs.iter().map(|rendered| write(dir, rendered, Shrink::Refuse, Mode::Write)).collect()
}

fn publish_all(dir: &Path, world: &World) {
    for written in publish(dir, world) {
        written.unwrap();
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_pass_with_nothing_new_touches_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let public = dir.path().join("data/public");
    let mut world = stories(3);
    assert!(publish(&public, &world).into_iter().all(|written| written.unwrap() == Written::Written));
    assert_eq!(names(&public), ["atom.xml", "feed.json", "feed.xml", "index.html", "sources.opml"]);
    let marks = || -> Vec<_> {
        let file = |name: &String| fs::metadata(public.join(name)).unwrap();
        names(&public).iter().map(|name| (file(name).ino(), file(name).mtime_nsec())).collect()
    };
    let before = marks();
    world.remember();
    world.later(600);
    assert!(publish(&public, &world).into_iter().all(|written| written.unwrap() == Written::Unchanged));
    assert_eq!(marks(), before);
    assert_eq!(fs::metadata(public.join("feed.xml")).unwrap().permissions().mode() & 0o777, 0o644);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let public = dir.path().join("public");
    let written = write(&public, &rendered(&stories(1), Format::Rss), Shrink::Refuse, Mode::DryRun).unwrap();
    assert_eq!(written, Written::Written);
    assert!(!public.exists());
}

#[test]
fn nothing_empty_is_ever_published() {
    let dir = tempfile::tempdir().unwrap();
    let empty = rendered(&World::new(), Format::Rss);
    assert_eq!(write(dir.path(), &empty, Shrink::Refuse, Mode::Write).unwrap(), Written::NothingYet);
    assert_eq!(names(dir.path()), Vec::<String>::new());

    for format in [Format::Rss, Format::Atom, Format::Json, Format::Html] {
        let full = rendered(&stories(1), format);
        write(dir.path(), &full, Shrink::Refuse, Mode::Write).unwrap();
        let empty = rendered(&World::new(), format);
        let refused = write(dir.path(), &empty, Shrink::Refuse, Mode::Write).unwrap_err();
        assert!(matches!(refused, PublishError::Refused { reason: GateError::Empty { before: 1 }, .. }), "{refused}");
        assert_eq!(fs::read(dir.path().join(&full.file)).unwrap(), full.bytes);
        assert_eq!(write(dir.path(), &empty, Shrink::Allow, Mode::Write).unwrap(), Written::Written);
    }
}

#[test]
fn a_document_that_lost_too_much_is_refused_and_what_a_rule_drops_is_no_loss() {
    let try_after_ten = |now: &World| {
        let dir = tempfile::tempdir().unwrap();
        publish_all(dir.path(), &stories(10));
        write(dir.path(), &rendered(now, Format::Atom), Shrink::Refuse, Mode::Write)
    };
    let mut shrunken = stories(10);
    shrunken.stories.truncate(5);
    assert!(try_after_ten(&shrunken).is_ok(), "half of them");
    shrunken.stories.truncate(4);
    let refused = try_after_ten(&shrunken).unwrap_err();
    let PublishError::Refused { reason: GateError::Shrunken { before: 10, lost: 6 }, .. } = refused else {
        panic!("{refused}");
    };
    // The same four, but feeds.toml says so.
    assert!(try_after_ten(&stories(10).each_output(|output| output.items = 4)).is_ok());
    // A few survive, many are new: no shrinking.
    let mut rolled = stories(22);
    rolled.stories.drain(..9);
    assert!(try_after_ten(&rolled).is_ok());
}

#[test]
fn what_was_not_written_by_us_stops_nothing() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("feed.xml"), b"<rss><channel>half a file").unwrap();
    let written = write(dir.path(), &rendered(&stories(1), Format::Rss), Shrink::Refuse, Mode::Write);
    assert_eq!(written.unwrap(), Written::Written);
}

/// T67: the config.
#[test]
fn a_name_that_leaves_the_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let public = dir.path().join("public");
    for name in ["../feed.xml", "/etc/feed.xml", "a/../../feed.xml", "", "a\0b", "..", "a/"] {
        let mut world = stories(1);
        world.config.outputs = vec![output(name, Format::Rss)];
        let refused = write(&public, &world.plan().outputs[0], Shrink::Refuse, Mode::Write).unwrap_err();
        assert!(matches!(refused, PublishError::Outside { .. }), "{name:?}: {refused}");
    }
    assert!(names(dir.path()).is_empty());
}

/// T67: a feed.
#[test]
fn nothing_from_a_feed_becomes_part_of_a_path() {
    let dir = tempfile::tempdir().unwrap();
    let mut hostile = entry("alpha", "../../etc/x", "../../etc/passwd\0\n", 0);
    hostile.categories = vec!["../../../x".to_owned(), "a\0\nb".to_owned()];
    let mut world = World::new().with(vec![hostile]);
    world.source("alpha").name = "../../evil".to_owned();
    let public = dir.path().join("public");
    publish_all(&public, &world);
    assert_eq!(names(dir.path()), ["public"]);
    assert_eq!(names(&public), ["atom.xml", "feed.json", "feed.xml", "index.html", "sources.opml"]);
}

#[test]
fn an_output_may_lie_in_a_folder_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut world = stories(1);
    world.config.outputs = vec![output("deep/er/feed.xml", Format::Rss)];
    write(dir.path(), &world.plan().outputs[0], Shrink::Refuse, Mode::Write).unwrap();
    let written = fs::read_to_string(dir.path().join("deep/er/feed.xml")).unwrap();
    assert!(written.contains("href=\"https://feeds.example.org/deep/er/feed.xml\""));
}

/// T71: nothing stays aside.
#[test]
fn what_a_killed_run_left_aside_is_gone_after_the_next() {
    let dir = tempfile::tempdir().unwrap();
    let world = stories(1);
    publish_all(dir.path(), &world);
    fs::write(dir.path().join(".feed.xml.feedloom-tmp"), b"half").unwrap();
    fs::write(dir.path().join(".renamed.xml.feedloom-tmp"), b"half").unwrap();
    fs::write(dir.path().join(".htaccess"), b"not ours").unwrap();
    publish_all(dir.path(), &world);
    assert_eq!(names(dir.path()), [".htaccess", "atom.xml", "feed.json", "feed.xml", "index.html", "sources.opml"]);
}

/// T71: without a full disk; with one in `tests/e2e/durable.py`.
#[test]
fn what_cannot_be_written_is_named_and_harms_nothing() {
    let dir = tempfile::tempdir().unwrap();
    // A folder stands where the file should be.
    fs::create_dir(dir.path().join("feed.xml")).unwrap();
    let error = write(dir.path(), &rendered(&stories(1), Format::Rss), Shrink::Refuse, Mode::Write).unwrap_err();
    assert!(error.to_string().contains("feed.xml"), "{error}");
    assert_eq!(names(dir.path()), ["feed.xml"]);
    // A file stands where the folder should be.
    let file = dir.path().join("public");
    fs::write(&file, b"mine").unwrap();
    let error = write(&file, &rendered(&stories(1), Format::Rss), Shrink::Refuse, Mode::Write).unwrap_err();
    assert!(error.to_string().contains("public"), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// T70.
#[test]
fn a_reader_beside_the_writer_always_sees_a_whole_document() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("feed.xml");
    let versions: Vec<_> = (20..24).map(|count| rendered(&stories(count), Format::Rss)).collect();
    write(dir.path(), &versions[0], Shrink::Refuse, Mode::Write).unwrap();
    let done = AtomicBool::new(false);
    let (reads, strange) = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut reads, mut strange) = (0, 0);
            while !done.load(Ordering::Relaxed) {
                let seen = fs::read(&path).unwrap_or_default();
                let whole = versions.iter().any(|version| version.bytes == seen);
                let readable = fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o777 == 0o644);
                reads += 1;
                strange += usize::from(!whole || !readable);
            }
            (reads, strange)
        });
        for round in 0..100 {
            write(dir.path(), &versions[round % versions.len()], Shrink::Refuse, Mode::Write).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap()
    });
    assert!(reads > 100, "{reads}");
    assert_eq!(strange, 0, "of {reads}");
}
