//! Small copies of pictures, as the service answers them.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::stand::{Service, scene};
use crate::scene::Page;

#[test]
fn a_copy_is_served_under_its_hash_and_for_ever_and_nothing_else_of_its_folder() {
    let scene = scene("\n[[output]]\nfile = \"index.html\"\nimages = \"copy\"\n\n[[output]]\nfile = \"feed.xml\"\n");
    let mut picture = Cursor::new(Vec::new());
    let green = RgbImage::from_pixel(300, 200, Rgb([10, 200, 10]));
    DynamicImage::ImageRgb8(green).write_to(&mut picture, ImageFormat::Png).unwrap();
    scene.serve("p.png", Page { kind: "image/png", body: picture.into_inner(), etag: None });
    scene.serve(
        "a",
        Page::xml(format!(
            "<rss version=\"2.0\" xmlns:media=\"http://search.yahoo.com/mrss/\"><channel><title>A</title>\
             <link>https://a.example/</link><item><title>first of all</title><link>https://a.example/1</link><guid>1</guid>\
             <description>What it means to those who read of it.</description><media:thumbnail url=\"{}\"/></item>\
             </channel></rss>",
            scene.url("p.png")
        )),
    );
    let service = Service::start(&scene);
    service.wait_for("/index.html", |answer| answer.text().contains("src=\"pictures/"));
    let page = service.get("/index.html", &[]);
    assert!(page.header("content-security-policy").unwrap().contains("img-src data: 'self';"));
    let text = page.text().to_owned();
    let path = format!("/{}", text.split_once("src=\"").unwrap().1.split('"').next().unwrap());
    let answer = service.get(&path, &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=31536000, immutable"));
    let tag = answer.header("etag").unwrap().to_owned();
    assert_eq!(service.get(&path, &[&format!("If-None-Match: {tag}")]).status, 304);
    std::fs::write(scene.outputs().join("pictures/own.jpg"), b"x").unwrap();
    for other in ["/pictures/own.jpg", "/pictures/", "/pictures", "/pictures/../feed.xml"] {
        assert_eq!(service.get(other, &[]).status, 404, "{other}");
    }
}
