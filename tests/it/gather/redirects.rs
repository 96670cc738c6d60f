//! Redirects, moves and credentials.

use feedloom::{Config, SourceOutcome};
use url::Url;

use super::harness::{Bench, failure, feed, not_modified, only, start};
use crate::publisher::{Publisher, Response};

fn redirect(status: u16, to: &str) -> Response {
    Response::new(status, &[("Location", to.as_bytes())], b"moved")
}

/// T09.
#[tokio::test(flavor = "multi_thread")]
async fn validators_and_credentials_stay_where_they_belong() {
    let target = Publisher::start();
    target.script("/b", [feed(1, &[("ETag", b"\"b\"")])]);
    let (publisher, urls) = start("/a", [redirect(302, &target.url("/b"))]);
    let mut bench = Bench::from_text(&format!(
        "title = \"T\"\n[fetch]\nallow = [\"127.0.0.1\"]\nspacing = \"0s\"\n\
         [[source]]\nid = \"s0\"\nurl = \"{}\"\nheaders = {{ \"X-Token\" = \"hush-hush\", \"Authorization\" = \"Bearer hush-hush\" }}\n",
        urls[0],
    ));
    bench.run("03T12:00").await;
    bench.run("03T14:00").await;
    for asked in publisher.asked() {
        assert_eq!(asked.header("if-none-match"), None);
        assert_eq!(asked.header("x-token").unwrap(), b"hush-hush");
    }
    let there = target.asked();
    assert_eq!(there[1].header("if-none-match").unwrap(), b"\"b\"");
    for asked in there {
        for name in ["referer", "authorization", "x-token", "cookie"] {
            assert_eq!(asked.header(name), None, "{name}");
        }
    }
}

/// T80: in reports and database; `tests/e2e/secrets.py` holds it for all that the program prints.
#[tokio::test(flavor = "multi_thread")]
async fn credentials_are_in_no_report_no_log_and_no_database() {
    let (publisher, urls) = start("/a", [Response::new(403, &[], b"")]);
    let with_user = urls[0].replace("http://", "http://me:hush-hush@");
    let Ok(config) = Config::parse(
        std::path::Path::new("/nowhere/feeds.toml"),
        &format!(
            "title = \"T\"\n[fetch]\nallow = [\"127.0.0.1\"]\n[[source]]\nid = \"s0\"\nurl = \"{}\"\nheaders = {{ \"X-Token\" = \"hush-hush\" }}\n",
            urls[0]
        ),
    ) else {
        panic!("feeds.toml is refused")
    };
    let mut bench = Bench::new(&urls);
    bench.config = config;
    let feedloom::SourceAddress::Http(address) = &mut bench.config.sources[0].address else { panic!() };
    *address = Url::parse(&with_user).unwrap();
    let report = bench.run("03T12:00").await;
    assert_eq!(failure(&report), "the server refuses access (403)");
    let asked = &publisher.asked()[0];
    assert_eq!(asked.header("x-token").unwrap(), b"hush-hush");
    assert_eq!(asked.header("authorization").unwrap(), b"Basic bWU6aHVzaC1odXNo");
    assert!(!format!("{report:?}").contains("hush"), "{report:?}");
    bench.store = None;
    for file in std::fs::read_dir(bench.database().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|four| four == b"hush"));
    }
}

/// T25: on the wire; what a person sees of it in `answers.rs`.
#[tokio::test(flavor = "multi_thread")]
async fn a_permanent_move_is_believed_after_three_times_over_a_day() {
    let (publisher, urls) = start("/a", [redirect(301, "/b")]);
    publisher.script("/b", [redirect(308, "/c")]);
    publisher.script("/c", [feed(1, &[("ETag", b"\"c\"")]), not_modified(&[])]);
    let mut bench = Bench::new(&urls);
    for now in ["03T12:00", "03T18:00"] {
        assert_eq!(only(&bench.run(now).await).moved_to, None);
    }
    let report = bench.run("04T13:00").await;
    assert_eq!(only(&report).moved_to.as_ref().map(Url::as_str), Some(publisher.url("/c").as_str()));
    publisher.take_asked();
    bench.run("04T20:00").await;
    let paths: Vec<_> = publisher.asked().into_iter().map(|asked| asked.path).collect();
    assert_eq!(paths, ["/c"]);
    assert_eq!(bench.state("s0").moved_to.unwrap().as_str(), publisher.url("/c"));
    assert_eq!(bench.state("s0").address, urls[0]);
}

/// T26.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_with_a_temporary_redirect_is_never_a_move() {
    for (first, second) in [(301, 302), (302, 302), (307, 301), (303, 308)] {
        let (publisher, urls) = start("/a", [redirect(first, "/b")]);
        publisher.script("/b", [redirect(second, "/c")]);
        publisher.script("/c", [feed(1, &[])]);
        let mut bench = Bench::new(&urls);
        for now in ["03T12:00", "03T18:00", "04T13:00", "05T13:00"] {
            bench.run(now).await;
        }
        assert_eq!(publisher.asked().iter().filter(|asked| asked.path == "/a").count(), 4);
        assert_eq!(bench.state("s0").moved_to, None);
    }
}

/// T27.
#[tokio::test(flavor = "multi_thread")]
async fn chains_without_an_end_stop_after_six_requests() {
    let (publisher, urls) = start("/0", [redirect(302, "/1")]);
    for n in 1..10 {
        publisher.script(&format!("/{n}"), [redirect(302, &format!("/{}", n + 1))]);
    }
    let mut bench = Bench::new(&urls);
    assert_eq!(failure(&bench.run("03T12:00").await), "redirected 6 times without end");
    assert_eq!(publisher.asked().len(), 6);
    let (publisher, urls) = start("/0", [redirect(301, "/0")]);
    let mut bench = Bench::new(&urls);
    failure(&bench.run("03T12:00").await);
    assert_eq!(publisher.asked().len(), 2, "one to itself is followed once");
}

/// T35, T39: by redirects. All other ways and spellings: `tests/e2e/guard.py`.
#[tokio::test(flavor = "multi_thread")]
async fn redirects_to_what_is_no_public_web_address_are_refused() {
    let canary = Publisher::start_at(std::net::Ipv4Addr::new(127, 0, 0, 2));
    let port = canary.port();
    let targets = [
        format!("http://127.0.0.2:{port}/"),
        format!("//127.0.0.2:{port}/"),
        format!("http://127.2:{port}/"),
        format!("http://0x7f000002:{port}/"),
        format!("http://[::ffff:127.0.0.2]:{port}/"),
        "http://10.0.0.1:8080/".to_owned(),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "http://[fd00::1]/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://127.0.0.1/".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
        "data:,feed".to_owned(),
        "http://[bad".to_owned(),
        String::new(),
    ];
    for target in targets {
        let (publisher, urls) = start("/a", [redirect(302, &target)]);
        let mut bench = Bench::new(&urls);
        // The canary's port is open, so that only its address stands in the way.
        bench.config.fetch.allow.push(format!("127.0.0.3:{port}").parse().unwrap());
        let said = failure(&bench.run("03T12:00").await);
        assert!(said.contains("address guard refuses") || said.contains("leads nowhere"), "{target}: {said}");
        assert_eq!(publisher.asked().len(), 1);
    }
    assert_eq!(canary.connections(), 0);
}

/// T35: by feeds.toml.
#[tokio::test(flavor = "multi_thread")]
async fn a_source_at_a_private_address_is_refused_and_the_hint_says_how_to_allow_it() {
    let canary = Publisher::start_at(std::net::Ipv4Addr::new(127, 0, 0, 2));
    let mut bench = Bench::new(&[canary.url("/f")]);
    let report = bench.run("03T12:00").await;
    let SourceOutcome::Failed(failure) = &only(&report).outcome else { panic!("{report:?}") };
    assert!(failure.error.to_string().contains("127.0.0.2 is not a public address"), "{failure:?}");
    assert!(failure.hint.as_ref().unwrap().contains("allow = [\"127.0.0.2\"]"), "{failure:?}");
    assert_eq!(canary.connections(), 0);
}
