//! Items as RSS 2.0, Atom and RSS 1.0, the way common blog software writes them.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use crate::corpus::{Feed, Format, Item};
use crate::words::Script;

/// The document of `feed` with `items`, in the feed's own encoding.
pub(crate) fn document(feed: &Feed, items: &[Item]) -> Vec<u8> {
    let mut out = String::with_capacity(128 * 1024);
    match feed.format {
        Format::Rss => rss(&mut out, feed, items),
        Format::Atom => atom(&mut out, feed, items),
        Format::Rdf => rdf(&mut out, feed, items),
    }
    if feed.latin1 {
        // Its words have no letter outside ISO-8859-1.
        return out.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect();
    }
    out.into_bytes()
}

/// The media type `feed` is served with.
pub(crate) fn media_type(feed: &Feed) -> &'static str {
    match feed.format {
        Format::Rss if feed.latin1 => "application/rss+xml; charset=ISO-8859-1",
        Format::Rss => "application/rss+xml; charset=UTF-8",
        Format::Atom => "application/atom+xml; charset=utf-8",
        Format::Rdf => "text/xml; charset=utf-8",
    }
}

/// `Sun, 01 Nov 2026 00:00:00 GMT`, as HTTP and RSS have it.
pub(crate) fn http_date(unix: i64) -> String {
    let at = Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH);
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap_or_default()
}

fn iso_date(unix: i64) -> String {
    Timestamp::from_second(unix).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

// Writing to a String cannot fail: the results of `write!` below are let go for that reason.

fn rss(out: &mut String, feed: &Feed, items: &[Item]) {
    let (title, host) = (escape(&feed.title), &feed.host);
    let encoding = if feed.latin1 { "ISO-8859-1" } else { "UTF-8" };
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n<rss version=\"2.0\" \
         xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:atom=\"http://www.w3.org/2005/Atom\" xmlns:slash=\"http://purl.org/rss/1.0/modules/slash/\">\n<channel>\n\
         \t<title>{title}</title>\n\t<atom:link href=\"https://{host}/feed/\" rel=\"self\" type=\"application/rss+xml\" />\n\
         \t<link>https://{host}/</link>\n\t<description>{title}</description>\n\t<language>{}</language>\n",
        language(feed.script)
    );
    for item in items {
        let (link, guid) = (escape(&item.link), escape(&item.guid));
        let _ = write!(
            out,
            "\t<item>\n\t\t<title>{}</title>\n\t\t<link>{link}</link>\n\t\t<dc:creator><![CDATA[{}]]></dc:creator>\n\
             \t\t<pubDate>{}</pubDate>\n\t\t<category><![CDATA[{}]]></category>\n\
             \t\t<guid isPermaLink=\"{}\">{guid}</guid>\n",
            escape(&item.title),
            item.author,
            http_date(item.at),
            item.category,
            item.permalink
        );
        let html = html(feed, &item.html);
        if feed.summary_only {
            let _ = writeln!(out, "\t\t<description>{html}</description>");
        } else {
            let lead = item.html.find("</p>").map_or("", |end| &item.html[..end + 4]);
            let _ = writeln!(out, "\t\t<description>{}</description>", self::html(feed, lead));
            let _ = writeln!(out, "\t\t<content:encoded>{html}</content:encoded>");
        }
        let _ = write!(out, "\t\t<slash:comments>{}</slash:comments>\n\t</item>\n", item.at % 40);
    }
    out.push_str("</channel>\n</rss>\n");
}

fn atom(out: &mut String, feed: &Feed, items: &[Item]) {
    let host = &feed.host;
    let newest = items.first().map_or(0, |item| item.at);
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\">\n\
         <title>{}</title>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"https://{host}/atom.xml\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"https://{host}/\"/>\n<id>tag:{host},2020:feed</id>\n\
         <updated>{}</updated>\n",
        language(feed.script),
        escape(&feed.title),
        iso_date(newest)
    );
    for item in items {
        let at = iso_date(item.at);
        let _ = write!(
            out,
            "<entry>\n<title>{}</title>\n<link rel=\"alternate\" type=\"text/html\" href=\"{}\"/>\n<id>{}</id>\n\
             <published>{at}</published>\n<updated>{at}</updated>\n<author><name>{}</name></author>\n\
             <category term=\"{}\"/>\n",
            escape(&item.title),
            escape(&item.link),
            escape(&item.guid),
            escape(&item.author),
            escape(&item.category)
        );
        let element = if feed.summary_only { "summary" } else { "content" };
        let _ = write!(out, "<{element} type=\"html\">{}</{element}>\n</entry>\n", html(feed, &item.html));
    }
    out.push_str("</feed>\n");
}

fn rdf(out: &mut String, feed: &Feed, items: &[Item]) {
    let (title, host) = (escape(&feed.title), &feed.host);
    let _ = write!(
        out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n\
         <channel rdf:about=\"https://{host}/\">\n<title>{title}</title>\n<link>https://{host}/</link>\n\
         <description>{title}</description>\n<items><rdf:Seq>\n"
    );
    for item in items {
        let _ = writeln!(out, "<rdf:li rdf:resource=\"{}\"/>", escape(&item.guid));
    }
    out.push_str("</rdf:Seq></items>\n</channel>\n");
    for item in items {
        let _ = write!(
            out,
            "<item rdf:about=\"{}\">\n<title>{}</title>\n<link>{}</link>\n<dc:creator>{}</dc:creator>\n\
             <dc:date>{}</dc:date>\n<description>{}</description>\n</item>\n",
            escape(&item.guid),
            escape(&item.title),
            escape(&item.link),
            escape(&item.author),
            iso_date(item.at),
            html(feed, &item.html)
        );
    }
    out.push_str("</rdf:RDF>\n");
}

fn html(feed: &Feed, html: &str) -> String {
    if feed.cdata { format!("<![CDATA[{html}]]>") } else { escape(html) }
}

fn language(script: Script) -> &'static str {
    match script {
        Script::Plain => "en",
        Script::Accented => "fr",
        Script::Cyrillic => "ru",
        Script::Han => "zh",
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for letter in text.chars() {
        match letter {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
