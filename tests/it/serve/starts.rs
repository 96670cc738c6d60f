//! Sockets, service managers, tokens, and what is wrong with them.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::stand::{PATIENCE, Service, feed, scene, serving, split};
use crate::scene::Scene;

fn serve_at(listen: &str) -> Scene {
    let scene = Scene::new(&["a"], &format!("[serve]\nlisten = \"{listen}\"\n"));
    scene.serve("a", feed(&["first"]));
    scene
}

/// What `serve` says that cannot begin.
#[track_caller]
fn refused(scene: &Scene) -> String {
    let done = scene.say(&["serve"]);
    assert_eq!(done.status.code(), Some(1));
    String::from_utf8(done.stderr).unwrap()
}

#[test]
fn what_cannot_be_listened_on_is_said_in_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let said = refused(&serve_at(&taken.local_addr().unwrap().to_string()));
    assert!(said.contains("another program listens on") && said.contains("hint: see which one: ss"), "{said}");
    let said = refused(&serve_at("192.0.2.1:8080"));
    assert!(said.contains("is no address of this machine"), "{said}");
    let scene = serve_at("unix:http.sock");
    fs::write(scene.path("http.sock"), "a file").unwrap();
    let said = refused(&scene);
    assert!(said.contains("exists and is no socket"), "{said}");
    assert_eq!(fs::read_to_string(scene.path("http.sock")).unwrap(), "a file");
    fs::remove_file(scene.path("http.sock")).unwrap();
    let live = UnixListener::bind(scene.path("http.sock")).unwrap();
    let said = refused(&scene);
    assert!(said.contains("another program listens on unix:"), "{said}");
    drop(live);
    let said = refused(&serve_at("unix:nowhere/http.sock"));
    assert!(said.contains("cannot listen on unix:") && said.contains("because: "), "{said}");
}

#[test]
fn a_socket_in_the_file_system_is_listened_on_also_over_a_stale_one() {
    let scene = serve_at("unix:http.sock");
    let path = scene.path("http.sock");
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists(), "a stale socket");
    let mut child = scene.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let answer = loop {
        assert!(began.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(50));
        let Ok(mut stream) = UnixStream::connect(&path) else { continue };
        stream.write_all(b"GET /feed.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = split(&answer).remove(0);
        if answer.status == 200 {
            break answer;
        }
    };
    assert!(answer.text().contains("first"));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!path.exists(), "it is removed at the end");
}

#[test]
fn a_socket_that_is_handed_over_takes_the_place_of_listen() {
    // What feeds.toml names is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let scene = serve_at(&taken.local_addr().unwrap().to_string());
    let handed = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = handed.local_addr().unwrap();
    let serve = scene.command(&["serve"]);
    let mut command = Command::new("sh");
    command.arg("-c").arg("export LISTEN_FDS=1 LISTEN_PID=$$; exec \"$0\" \"$@\" 3<&0 </dev/null");
    command.arg(serve.get_program()).args(serve.get_args()).stdin(Stdio::from(OwnedFd::from(handed)));
    let service = Service::started(command);
    assert_eq!(service.address, address);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
}

/// Such as one for each of two addresses: nobody waits at any of them in vain.
#[test]
fn every_socket_that_is_handed_over_is_served() {
    let scene = serve_at("127.0.0.1:0");
    let first = TcpListener::bind("127.0.0.1:0").unwrap();
    let second = UnixListener::bind(scene.path("second.sock")).unwrap();
    let address = first.local_addr().unwrap();
    let serve = scene.command(&["serve"]);
    let mut command = Command::new("sh");
    command.arg("-c").arg("export LISTEN_FDS=2 LISTEN_PID=$$; exec \"$0\" \"$@\" 3<&0 4<&1 </dev/null >/dev/null");
    command.arg(serve.get_program()).args(serve.get_args());
    command.stdin(Stdio::from(OwnedFd::from(first)));
    let service = Service::started_with(command, Stdio::from(OwnedFd::from(second)));
    assert_eq!(service.address, address);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    let mut stream = UnixStream::connect(scene.path("second.sock")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(b"GET /feed.xml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert_eq!(split(&answer)[0].status, 200);
    drop(service);
    assert!(scene.path("second.sock").exists(), "it is not ours to remove");
}

#[test]
fn a_service_manager_is_told_how_it_goes() {
    let scene = scene("");
    scene.serve("a", feed(&["first"]));
    let manager = UnixDatagram::bind(scene.path("notify")).unwrap();
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut command = scene.command(&["serve"]);
    command.env("NOTIFY_SOCKET", scene.path("notify"));
    let mut service = Service::started(command);
    let mut told = String::new();
    let mut wait_for = |what: &str| {
        let began = Instant::now();
        while !told.contains(what) {
            assert!(began.elapsed() < PATIENCE, "{what}: {told}");
            let mut buffer = [0; 500];
            let read = manager.recv(&mut buffer).unwrap();
            told.push_str(&String::from_utf8_lossy(&buffer[..read]));
            told.push('\n');
        }
        told.clear();
    };
    wait_for("READY=1");
    wait_for("WATCHDOG=1");
    wait_for("STATUS=the next pass begins at ");
    service.signal("HUP");
    wait_for("RELOADING=1\nMONOTONIC_USEC=");
    wait_for("READY=1");
    service.signal("TERM");
    wait_for("STOPPING=1");
    assert_eq!(service.end(), Some(0));
}

#[test]
fn the_operators_pages_need_a_token_or_a_socket_of_their_own() {
    let scene = scene("token = \"file:token\"\nmetrics_listen = \"127.0.0.2:0\"");
    scene.serve("a", feed(&["first"]));
    fs::write(scene.path("token"), "correct horse\n").unwrap();
    let service = Service::start(&scene);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    for path in ["/metrics", "/status"] {
        let refused = service.get(path, &[]);
        assert_eq!((refused.status, refused.header("www-authenticate").is_some()), (401, true), "{path}");
        for wrong in ["Authorization: Bearer wrong horse", "Authorization: Basic eDp4", "Authorization: correct horse"]
        {
            assert_eq!(service.get(path, &[wrong]).status, 401, "{wrong}");
        }
        for right in ["Authorization: Bearer correct horse", "Authorization: Basic bWU6Y29ycmVjdCBob3JzZQ=="] {
            let answer = service.get(path, &[right]);
            assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")), "{path} {right}");
        }
    }
    let began = Instant::now();
    let metrics = loop {
        let metrics = service.get("/metrics", &["Authorization: Bearer correct horse"]);
        if metrics.text().contains("{result=\"done\"} 1") {
            break metrics;
        }
        assert!(began.elapsed() < PATIENCE, "{}", metrics.text());
    };
    assert_eq!(metrics.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = metrics.text();
    for line in [
        "feedloom_sources{state=\"good\"} 1\n",
        "feedloom_passes_total{result=\"done\"} ",
        "feedloom_http_requests_total{code=\"401\"} 8\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let status = service.get("/status", &["Authorization: Bearer correct horse"]);
    assert!(status.text().contains("<td>a</td><td>good</td>") && status.header("content-security-policy").is_some());
    let said = service.said();
    assert!(!said.contains("correct horse"), "{said}");
    let private = said.lines().filter_map(|line| line.strip_prefix("serving on http://")).nth(1).unwrap();
    let other = Elsewhere(private.trim_end_matches('/').to_owned());
    assert!(other.get("/metrics").contains("feedloom_build_info"));
}

/// Asks at another address than the service's first.
struct Elsewhere(String);

impl Elsewhere {
    fn get(&self, path: &str) -> String {
        let mut stream = std::net::TcpStream::connect(&self.0).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

#[test]
fn a_token_that_is_not_there_opens_nothing() {
    let (_scene, service) = serving("token = \"env:FEEDLOOM_TEST_NO_SUCH_TOKEN\"");
    service.wait_until_said("no token opens /metrics and /status");
    assert_eq!(service.get("/metrics", &[]).status, 404);
    assert_eq!(service.get("/metrics", &["Authorization: Bearer "]).status, 404);
}

#[test]
fn a_token_that_is_revoked_opens_nothing_any_more() {
    let scene = scene("token = \"file:token\"");
    scene.serve("a", feed(&["first"]));
    fs::write(scene.path("token"), "correct horse\n").unwrap();
    let service = Service::start(&scene);
    let old = "Authorization: Bearer correct horse";
    assert_eq!(service.get("/metrics", &[old]).status, 200);
    let mut reloads = 0;
    let mut reload = || {
        reloads += 1;
        service.signal("HUP");
        let began = Instant::now();
        while service.said().matches("is taken over").count() < reloads {
            assert!(began.elapsed() < PATIENCE, "{}", service.said());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    fs::write(scene.path("token"), "").unwrap();
    reload();
    assert!(service.said().contains("no token opens /metrics and /status"), "{}", service.said());
    assert_eq!(service.get("/metrics", &[old]).status, 404);
    fs::write(scene.path("token"), "battery staple\n").unwrap();
    reload();
    assert_eq!(service.get("/metrics", &[old]).status, 401);
    assert_eq!(service.get("/metrics", &["Authorization: Bearer battery staple"]).status, 200);
    fs::remove_file(scene.path("token")).unwrap();
    reload();
    assert_eq!(service.get("/metrics", &["Authorization: Bearer battery staple"]).status, 404);
}

#[test]
fn the_socket_for_the_operator_is_not_for_everybody() {
    let scene = scene("metrics_listen = \"unix:metrics.sock\"");
    scene.serve("a", feed(&["first"]));
    let service = Service::start(&scene);
    service.wait_for("/healthz", |answer| answer.status == 200);
    let mode = |name: &str| fs::metadata(scene.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("metrics.sock"), 0o660);
    let other = serve_at("unix:http.sock");
    let mut child = other.command(&["serve"]).stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    let is_open = || fs::metadata(other.path("http.sock")).is_ok_and(|meta| meta.permissions().mode() & 0o777 == 0o666);
    while !is_open() {
        assert!(began.elapsed() < PATIENCE, "readers come in by their own door");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn in_a_full_house_whoever_becomes_idle_makes_room() {
    let scene = scene("");
    scene.serve("a", feed(&["first"]));
    let serve = scene.command(&["serve"]);
    let mut command = Command::new("sh");
    // So few open files that there is room for 64 readers.
    command.arg("-c").arg("ulimit -n 300; exec \"$0\" \"$@\"").arg(serve.get_program()).args(serve.get_args());
    let service = Service::started(command);
    service.wait_for("/feed.xml", |answer| answer.text().contains("first"));
    let mut readers = Vec::new();
    for _ in 0..64 {
        let mut stream = service.connect();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        readers.push(stream);
    }
    // All of them were busy a moment ago, and none says goodbye.
    let began = Instant::now();
    assert_eq!(service.get("/healthz", &[]).status, 200);
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
}
