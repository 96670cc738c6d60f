//! `images = "copy"`: small copies of the pictures of stories, through the binary, from an origin on loopback.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::pictures::feed;
use crate::publisher::{Publisher, Response};
use crate::scene::{Page, Scene, files};

const NOON: &str = "2026-11-02T12:00:00Z";
const LATER: &str = "2026-11-02T13:30:00Z";
const COPY: &str =
    "[[output]]\nfile = \"index.html\"\nimages = \"copy\"\n\n[[output]]\nfile = \"about.html\"\nformat = \"about\"\n";
const CLOSED: &str = "img-src data:;";
const OWN: &str = "img-src data: 'self';";

/// A picture with some detail.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let shade = |x: u32, y: u32| u8::try_from((x * 5 + y * 11 + width) % 256).unwrap();
    let picture = RgbImage::from_fn(width, height, |x, y| Rgb([shade(x, y), shade(y, x), 70]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture).write_to(&mut out, format).unwrap();
    out.into_inner()
}

fn as_picture(body: Vec<u8>) -> Page {
    // What its server says of it does not matter.
    Page { kind: "text/plain", body, etag: None }
}

/// One source whose stories have these pictures, by the last part of their address.
fn scene_of(pictures: &[(&str, Page)], output: &str) -> Scene {
    let scene = Scene::new(&["alpha"], output);
    let addresses: Vec<String> = pictures.iter().map(|(name, _)| scene.url(name)).collect();
    scene.serve("alpha", feed("alpha", &addresses, ""));
    for (name, page) in pictures {
        scene.serve(name, page.clone());
    }
    scene
}

fn change(scene: &Scene, from: &str, to: &str) {
    let path = scene.path("feeds.toml");
    let toml = fs::read_to_string(&path).unwrap();
    assert!(toml.contains(from), "{toml}");
    fs::write(path, toml.replace(from, to)).unwrap();
}

/// The files in the folder of pictures.
fn copies(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    let folder = scene.outputs().join("pictures");
    if !folder.is_dir() {
        return BTreeMap::new();
    }
    files(&folder).into_iter().map(|(name, (bytes, _))| (name, bytes)).collect()
}

fn page(scene: &Scene, file: &str) -> String {
    fs::read_to_string(scene.outputs().join(file)).unwrap()
}

fn pages(scene: &Scene) -> Vec<(String, String)> {
    let all = files(&scene.outputs()).into_iter().filter(|(name, _)| name.ends_with(".html"));
    all.map(|(name, (bytes, _))| (name, String::from_utf8(bytes).unwrap())).collect()
}

/// What was asked for beside the feed and the files of the host.
fn asked(scene: &Scene) -> Vec<String> {
    let mut paths = scene.take_paths();
    paths.retain(|path| path != "/alpha" && path != "/beta");
    paths
}

/// The files that the pictures of a page name.
fn shown(page: &str) -> Vec<String> {
    page.split("<img ")
        .skip(1)
        .map(|tag| tag.split_once("src=\"").unwrap().1.split('"').next().unwrap().to_owned())
        .collect()
}

#[test]
fn a_picture_is_copied_and_shown_in_the_same_run() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(1200, 800, ImageFormat::Jpeg)))], COPY);
    let done = scene.say(&["run", "--all", "--json", "--now", NOON]);
    let said = String::from_utf8(done.stdout).unwrap();
    assert!(
        said.replace(char::is_whitespace, "").contains("\"pictures\":{\"failed\":0,\"kept\":1,\"waiting\":0}"),
        "{said}"
    );
    assert_eq!(asked(&scene), ["/robots.txt", "/a.jpg"]);
    let copies = copies(&scene);
    assert_eq!(copies.len(), 1);
    let (name, bytes) = copies.iter().next().unwrap();
    let copy = image::load_from_memory_with_format(bytes, ImageFormat::Jpeg).unwrap();
    assert_eq!((copy.width(), copy.height()), (256, 170));
    assert!(bytes.len() <= 25 * 1024);
    let mut with_picture = 0;
    for (file, text) in pages(&scene) {
        let is_of_stories = !matches!(file.as_str(), "about.html" | "archive/index.html");
        assert_eq!(text.contains(OWN), is_of_stories, "{file}");
        for shown in shown(&text) {
            let folder = Path::new(&file).parent().unwrap();
            let place = scene.outputs().join(folder).join(&shown);
            assert_eq!(&fs::read(&place).unwrap(), bytes, "{file}: {shown}");
            with_picture += 1;
        }
    }
    // The page, its day, its source, its story.
    assert_eq!(with_picture, 4, "{:?}", pages(&scene).iter().map(|(file, _)| file).collect::<Vec<_>>());
    let front = page(&scene, "index.html");
    let tag = format!(
        "<img class=\"picture\" src=\"pictures/{name}\" alt=\"\" title=\"alpha\" width=\"96\" height=\"64\" \
         loading=\"lazy\" decoding=\"async\">"
    );
    assert!(front.contains(&tag), "{front}");
    assert!(page(&scene, "about.html").contains("small copy"), "publishers are told");
}

#[test]
fn an_unchanged_run_asks_nothing_and_writes_nothing() {
    let scene = scene_of(&[("a.png", as_picture(picture(300, 200, ImageFormat::Png)))], COPY);
    scene.run_well(NOON);
    scene.take_paths();
    let before = files(&scene.outputs());
    scene.run_well(LATER);
    assert_eq!(asked(&scene), [""; 0]);
    assert_eq!(files(&scene.outputs()), before);
}

#[test]
fn what_is_no_picture_of_a_story_is_left_out_and_not_asked_for_again() {
    let mut clear = Cursor::new(Vec::new());
    let transparent = RgbaImage::from_pixel(400, 300, Rgba([255, 0, 0, 0]));
    DynamicImage::ImageRgba8(transparent).write_to(&mut clear, ImageFormat::WebP).unwrap();
    let truncated = picture(300, 200, ImageFormat::Png);
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"300\" height=\"200\"/>".to_vec();
    let scene = scene_of(
        &[
            ("bomb.png", as_picture(bomb())),
            ("cut.png", as_picture(truncated[..truncated.len() / 3].to_vec())),
            ("page.jpg", Page { kind: "image/jpeg", body: b"<!doctype html><p>Sign in".to_vec(), etag: None }),
            ("drawn.svg", Page { kind: "image/svg+xml", body: svg, etag: None }),
            ("dot.gif", as_picture(picture(1, 1, ImageFormat::Gif))),
            ("bar.png", as_picture(picture(900, 90, ImageFormat::Png))),
            ("huge.jpg", as_picture([picture(300, 200, ImageFormat::Jpeg), vec![0; 5 * 1024 * 1024]].concat())),
            ("clear.webp", as_picture(clear.into_inner())),
            ("moving.gif", as_picture(moving())),
        ],
        COPY,
    );
    scene.run_well(NOON);
    let front = page(&scene, "index.html");
    assert_eq!((shown(&front).len(), copies(&scene).len()), (2, 2), "the two last ones");
    for number in 0..9 {
        assert!(front.contains(&format!("Number {number} of alpha")), "{number} is shown without");
    }
    for bytes in copies(&scene).values() {
        let copy = image::load_from_memory(bytes).unwrap().to_rgb8();
        let Rgb([red, green, blue]) = *copy.get_pixel(copy.width() / 2, copy.height() / 2);
        // White behind what is transparent; the first frame of what moves is green.
        assert!(green > 230 && (red > 230 && blue > 230 || red < 40 && blue < 40), "{red} {green} {blue}");
    }
    scene.take_paths();
    scene.run_well(LATER);
    assert_eq!(asked(&scene), [""; 0]);
    let status = String::from_utf8(scene.say(&["status", "-v", "alpha", "--now", LATER]).stdout).unwrap();
    assert!(status.contains("7 of 9 pictures left out, the last: "), "{status}");
}

/// A PNG that claims 60,000 × 60,000 pixels.
fn bomb() -> Vec<u8> {
    let mut png = picture(80, 80, ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let sum = !png[12..29].iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xEDB8_8320 } else { sum >> 1 })
    });
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    png
}

/// A GIF of two frames, green and then red.
fn moving() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut out);
    for colour in [[0, 255, 0, 255], [255, 0, 0, 255]] {
        encoder.encode_frame(image::Frame::new(RgbaImage::from_pixel(320, 200, Rgba(colour)))).unwrap();
    }
    drop(encoder);
    out
}

#[test]
fn robots_txt_of_its_host_keeps_a_picture_back() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.serve(
        "robots.txt",
        Page { kind: "text/plain", body: b"User-agent: *\nDisallow: /a.jpg\n".to_vec(), etag: None },
    );
    scene.run_well(NOON);
    assert_eq!(asked(&scene), ["/robots.txt"]);
    assert_eq!(shown(&page(&scene, "index.html")), [""; 0]);
    assert!(copies(&scene).is_empty());
}

#[test]
fn what_publishers_and_the_operator_say_keeps_a_picture_back() {
    let picture = || as_picture(picture(300, 200, ImageFormat::Jpeg));
    for (policy, more) in [
        ("republish = \"headline\"\n", ""),
        ("", "<media:restriction relationship=\"deny\" type=\"sharing\"/>"),
        ("republish = \"full\"\n", "<cc:license>https://creativecommons.org/licenses/by-nd/4.0/</cc:license>"),
    ] {
        let scene = scene_of(&[("a.jpg", picture())], COPY);
        change(&scene, "id = \"alpha\"\n", &format!("id = \"alpha\"\n{policy}"));
        scene.serve("alpha", feed("alpha", &[scene.url("a.jpg")], more));
        scene.run_well(NOON);
        assert_eq!(asked(&scene), [""; 0], "{policy}{more}");
        assert!(copies(&scene).is_empty() && shown(&page(&scene, "index.html")).is_empty());
    }
}

#[test]
fn a_private_address_is_not_asked() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    let inside =
        ["http://10.0.0.1/a.jpg", "http://[::1]/a.jpg", "http://169.254.169.254/a.jpg", "ftp://a.example/a.jpg"];
    scene.serve("alpha", feed("alpha", &inside, ""));
    scene.run_well(NOON);
    assert_eq!(asked(&scene), [""; 0]);
    assert!(copies(&scene).is_empty());
}

#[test]
fn a_later_no_of_the_operator_takes_the_copies_away() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.run_well(NOON);
    assert_eq!(copies(&scene).len(), 1);
    change(&scene, "id = \"alpha\"\n", "id = \"alpha\"\nrepublish = \"headline\"\n");
    scene.run_well(LATER);
    assert!(copies(&scene).is_empty());
    for (file, text) in pages(&scene) {
        assert!(shown(&text).is_empty(), "{file}");
    }
}

#[test]
fn without_the_key_the_folder_is_gone_but_for_what_is_not_ours() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.run_well(NOON);
    let own = scene.outputs().join("pictures/own.jpg");
    fs::write(&own, b"the operator's").unwrap();
    let named = scene.outputs().join(format!("pictures/{}.jpg", "a".repeat(32)));
    fs::write(&named, b"the operator's, too").unwrap();
    change(&scene, "images = \"copy\"\n", "");
    scene.run_well(LATER);
    let left: Vec<String> = copies(&scene).into_keys().collect();
    assert_eq!(left, [format!("{}.jpg", "a".repeat(32)), "own.jpg".to_owned()]);
    for (file, text) in pages(&scene) {
        assert!(shown(&text).is_empty() && text.contains(CLOSED), "{file}");
    }
}

#[test]
fn a_takedown_takes_the_copy_with_it_at_once() {
    let picture = |width| as_picture(picture(width, 200, ImageFormat::Jpeg));
    let scene = scene_of(&[("a.jpg", picture(300)), ("b.jpg", picture(310))], COPY);
    scene.run_well(NOON);
    assert_eq!(copies(&scene).len(), 2);
    let done = scene.say(&["takedown", "https://alpha.example/0", "--now", LATER]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(copies(&scene).len(), 1);
    assert_eq!(shown(&page(&scene, "index.html")).len(), 1);
    scene.take_paths();
    scene.run_well(LATER);
    assert_eq!(asked(&scene), [""; 0]);
    assert_eq!(copies(&scene).len(), 1);
}

#[test]
fn a_lost_folder_comes_back_from_the_database() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.run_well(NOON);
    let before = copies(&scene);
    for what in ["pictures", "."] {
        fs::remove_dir_all(scene.outputs().join(what)).or_else(|_| fs::remove_dir_all(scene.outputs())).unwrap();
        scene.take_paths();
        scene.run_well(LATER);
        assert_eq!(copies(&scene), before, "{what}");
        assert_eq!(asked(&scene), [""; 0]);
    }
    let (name, bytes) = before.iter().next().unwrap();
    let path = scene.outputs().join("pictures").join(name);
    fs::remove_file(&path).unwrap();
    fs::write(&path, b"something else").unwrap();
    scene.run_well(LATER);
    assert_eq!(&fs::read(&path).unwrap(), bytes);
}

#[test]
fn what_the_page_of_a_lost_story_shows_stays() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.run_well(NOON);
    let before = copies(&scene);
    for file in fs::read_dir(scene.path("data")).unwrap().map(Result::unwrap) {
        if file.path().is_file() {
            fs::remove_file(file.path()).unwrap();
        }
    }
    scene.serve("alpha", feed("beta", &[scene.url("robots.txt")], ""));
    scene.run_well(LATER);
    let of_stories = pages(&scene).into_iter().filter(|(file, _)| file.starts_with("s/"));
    let shown: Vec<String> = of_stories.flat_map(|(_, text)| shown(&text)).collect();
    assert_eq!((shown.len(), copies(&scene)), (1, before));
}

#[test]
fn a_picture_that_was_fetched_before_a_kill_is_on_the_page_after_it() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    // Wanted by the first publish, fetched by a verb of its own, published by another.
    scene.say(&["gather", "--all", "--now", NOON]);
    scene.say(&["weave", "--now", NOON]);
    scene.say(&["publish", "--now", NOON]);
    assert_eq!(shown(&page(&scene, "index.html")), [""; 0]);
    assert_eq!(asked(&scene), [""; 0]);
    scene.say(&["gather", "--now", NOON]);
    assert_eq!(asked(&scene), ["/robots.txt", "/a.jpg"]);
    assert!(copies(&scene).is_empty());
    scene.say(&["publish", "--now", NOON]);
    assert_eq!((shown(&page(&scene, "index.html")).len(), copies(&scene).len()), (1, 1));
}

#[test]
fn nothing_waits_for_a_slow_picture_and_a_kill_meanwhile_loses_nothing() {
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], COPY);
    scene.hold_path("a.jpg");
    let mut run = scene.start(NOON);
    scene.wait_for_path("a.jpg");
    let front = page(&scene, "index.html");
    assert!(front.contains("Number 0 of alpha") && shown(&front).is_empty(), "it is published already");
    run.kill().unwrap();
    run.wait().unwrap();
    scene.release();
    scene.run_well(LATER);
    assert_eq!((shown(&page(&scene, "index.html")).len(), copies(&scene).len()), (1, 1));
}

#[test]
fn pages_in_folders_lead_to_the_one_folder_of_pictures() {
    let deep = "[[output]]\nfile = \"tech/news/page.html\"\nimages = \"copy\"\n";
    let scene = scene_of(&[("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)))], deep);
    scene.run_well(NOON);
    let name = copies(&scene).into_keys().next().unwrap();
    assert_eq!(shown(&page(&scene, "tech/news/page.html")), [format!("../../pictures/{name}")]);
    let day = page(&scene, "tech/news/page-archive/2026-11-02.html");
    assert_eq!(shown(&day), [format!("../../../pictures/{name}")]);
}

#[test]
fn a_picture_that_is_not_found_is_given_up() {
    let scene = scene_of(&[], COPY);
    scene.serve("alpha", feed("alpha", &[scene.url("a.jpg")], ""));
    scene.run_well(NOON);
    assert_eq!(asked(&scene), ["/robots.txt", "/a.jpg"]);
    scene.serve("a.jpg", as_picture(picture(300, 200, ImageFormat::Jpeg)));
    scene.run_well(LATER);
    assert_eq!(asked(&scene), [""; 0]);
    assert!(copies(&scene).is_empty());
}

/// What `why` says of the picture of a story, by words of its title.
fn why(scene: &Scene, title: &str) -> String {
    let said = String::from_utf8(scene.say(&["why", title]).stdout).unwrap();
    let line = said.lines().find_map(|line| line.strip_prefix("picture: "));
    line.unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn what_the_server_of_a_picture_answers_counts_and_why_says_it() {
    let jpeg = picture(300, 200, ImageFormat::Jpeg);
    let host = Publisher::start();
    let ok = |headers: &[(&str, &[u8])]| Response::new(200, headers, &jpeg);
    let busy = || Response::new(503, &[("Retry-After", b"60")], b"");
    let answers = [
        ("plain.jpg", vec![ok(&[])], "pictures/"),
        ("not-indexed.jpg", vec![ok(&[("X-Robots-Tag", b"noimageindex")])], "none: "),
        ("no-preview.jpg", vec![ok(&[("X-Robots-Tag", b"max-image-preview: none")])], "none: "),
        ("no-copy.jpg", vec![ok(&[("X-Robots-Tag", b"feedloom: noarchive")])], "none: "),
        ("other-bot.jpg", vec![ok(&[("X-Robots-Tag", b"otherbot: noarchive")])], "pictures/"),
        ("large-preview.jpg", vec![ok(&[("X-Robots-Tag", b"noindex, max-image-preview:large")])], "pictures/"),
        ("busy.jpg", vec![busy(), ok(&[])], "it is tried again after "),
        ("always-busy.jpg", vec![busy()], "it is tried again after "),
        ("forbidden.jpg", vec![Response::new(403, &[], b""), ok(&[])], "none: "),
        ("moved.jpg", vec![Response::new(301, &[("Location", b"/plain.jpg")], b"")], "pictures/"),
        ("round.jpg", vec![Response::new(302, &[("Location", b"/round.jpg")], b"")], "none: "),
        ("empty.jpg", vec![Response::new(200, &[], b"")], "none: "),
    ];
    let scene = Scene::new(&["alpha"], COPY);
    let addresses: Vec<String> = answers.iter().map(|(name, ..)| host.url(&format!("/{name}"))).collect();
    scene.serve("alpha", feed("alpha", &addresses, ""));
    for (name, responses, _) in &answers {
        host.script(&format!("/{name}"), responses.clone());
    }
    scene.run_well(NOON);
    for (place, (name, _, expected)) in answers.iter().enumerate() {
        let said = why(&scene, &format!("Number {place} of alpha"));
        assert!(said.contains(expected) && said.contains(name), "{name}: {said}");
    }
    // One picture, three addresses.
    assert_eq!((copies(&scene).len(), shown(&page(&scene, "index.html")).len()), (1, 4));
    host.take_asked();
    scene.run_well(LATER);
    let mut asked: Vec<String> = host.take_asked().into_iter().map(|asked| asked.path).collect();
    asked.sort_unstable();
    assert_eq!(asked, ["/always-busy.jpg", "/busy.jpg"], "what may have passed, once");
    assert!(why(&scene, "Number 6 of alpha").contains("pictures/"));
    assert!(why(&scene, "Number 7 of alpha").contains("it is tried again after "));
}
