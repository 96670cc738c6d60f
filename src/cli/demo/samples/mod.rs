//! The sample feeds. Outlets, products, people and texts are invented; every address is under
//! `.example` (RFC 2606 §2). Placeholders in them: [`super::template::fill`].

/// One source of the demo.
#[derive(Debug)]
pub(super) struct Sample {
    /// Its id in the generated feeds.toml.
    pub(super) id: &'static str,
    /// The outlet's name.
    pub(super) name: &'static str,
    /// File name, here and at the origin.
    pub(super) file: &'static str,
    /// What it demonstrates: a comment in feeds.toml.
    pub(super) shows: &'static str,
    /// Further lines of its `[[source]]`.
    pub(super) keys: &'static [&'static str],
    /// What the origin answers.
    pub(super) answer: Answer,
}

/// What the origin answers for a sample.
#[derive(Debug)]
pub(super) enum Answer {
    /// The document, its placeholders filled.
    Document {
        /// As the header states it, rightly or wrongly.
        content_type: &'static str,
        /// The template, in the document's own encoding.
        template: &'static [u8],
        /// How many entries a good reader finds; 0 if it is not a feed.
        entries: usize,
    },
    /// 404.
    Missing,
}

/// All sources of the demo, in the order of its feeds.toml.
pub(super) const SAMPLES: [Sample; 15] = [
    Sample {
        id: "bytewire",
        name: "Bytewire",
        file: "bytewire.xml",
        shows: "RSS 2.0 with full text: scripts, event handlers, unclosed tags, a tracking pixel",
        keys: &["weight = 2"],
        answer: Answer::Document {
            content_type: "application/rss+xml",
            template: include_bytes!("bytewire.xml"),
            entries: 8,
        },
    },
    Sample {
        id: "kernelpost",
        name: "Kernel Post",
        file: "kernelpost.atom",
        shows: "Atom 1.0 with XHTML content, a licence and a weekly column",
        keys: &["tags = [\"open-source\"]"],
        answer: Answer::Document {
            content_type: "application/atom+xml",
            template: include_bytes!("kernelpost.atom"),
            entries: 6,
        },
    },
    Sample {
        id: "silicon-ledger",
        name: "Silicon Ledger",
        file: "silicon-ledger.rdf",
        shows: "RSS 1.0 (RDF)",
        keys: &[],
        answer: Answer::Document {
            content_type: "application/rdf+xml",
            template: include_bytes!("silicon-ledger.rdf"),
            entries: 6,
        },
    },
    Sample {
        id: "morgenkode",
        name: "Morgenkode",
        file: "morgenkode.xml",
        shows: "German; says ISO-8859-1 and is UTF-8",
        keys: &[],
        answer: Answer::Document {
            content_type: "application/xml",
            template: include_bytes!("morgenkode.xml"),
            entries: 6,
        },
    },
    Sample {
        id: "hikari-gadget",
        name: "ひかりガジェット",
        file: "hikari-gadget.xml",
        shows: "Japanese",
        keys: &[],
        answer: Answer::Document {
            content_type: "application/rss+xml; charset=utf-8",
            template: include_bytes!("hikari-gadget.xml"),
            entries: 5,
        },
    },
    Sample {
        id: "patchnotes",
        name: "Patch Notes",
        file: "patchnotes.json",
        shows: "JSON Feed 1.1",
        keys: &["tags = [\"security\"]"],
        answer: Answer::Document {
            content_type: "application/feed+json",
            template: include_bytes!("patchnotes.json"),
            entries: 6,
        },
    },
    Sample {
        id: "oldbridge",
        name: "Oldbridge Courier – Technology",
        file: "oldbridge.xml",
        shows: "RSS 0.91, one entry undated; says ISO-8859-1 and is windows-1252",
        keys: &[],
        answer: Answer::Document { content_type: "text/xml", template: include_bytes!("oldbridge.xml"), entries: 5 },
    },
    Sample {
        id: "gadgetry",
        name: "Gadgetry Weekly",
        file: "gadgetry.atom",
        shows: "Atom 0.3, advertisements left out",
        keys: &["exclude = [{ field = \"title\", matches = \"^Deal:\" }]"],
        answer: Answer::Document {
            content_type: "application/xml",
            template: include_bytes!("gadgetry.atom"),
            entries: 6,
        },
    },
    Sample {
        id: "stacklist",
        name: "Stacklist",
        file: "stacklist.xml",
        shows: "a link list: what it links to is the story, the discussion is linked beside it",
        keys: &["kind = \"aggregator\""],
        answer: Answer::Document {
            content_type: "application/rss+xml",
            template: include_bytes!("stacklist.xml"),
            entries: 7,
        },
    },
    Sample {
        id: "low-latency",
        name: "Low Latency",
        file: "low-latency.xml",
        shows: "a podcast",
        keys: &[],
        answer: Answer::Document {
            content_type: "application/rss+xml",
            template: include_bytes!("low-latency.xml"),
            entries: 4,
        },
    },
    Sample {
        id: "northgate",
        name: "Northgate Telegraph: Tech",
        file: "northgate.xml",
        shows: "prints agency copies of Bytewire beside its own news, in old HTML",
        keys: &[],
        answer: Answer::Document { content_type: "text/html", template: include_bytes!("northgate.xml"), entries: 6 },
    },
    Sample {
        id: "cloudtide",
        name: "Cloudtide",
        file: "cloudtide.atom",
        shows: "Atom 1.0 with relative addresses; its texts may be shown in full",
        keys: &["republish = \"full\""],
        answer: Answer::Document {
            content_type: "application/atom+xml",
            template: include_bytes!("cloudtide.atom"),
            entries: 6,
        },
    },
    Sample {
        id: "cutwire",
        name: "Cutwire",
        file: "cutwire.xml",
        shows: "cut off in the middle of an entry: the four before it are kept",
        keys: &[],
        answer: Answer::Document {
            content_type: "application/rss+xml",
            template: include_bytes!("cutwire.xml"),
            entries: 4,
        },
    },
    Sample {
        id: "parkside",
        name: "Parkside Tech",
        file: "parkside.html",
        shows: "broken on purpose: a web page where a feed should be",
        keys: &[],
        answer: Answer::Document {
            content_type: "text/html; charset=utf-8",
            template: include_bytes!("parkside.html"),
            entries: 0,
        },
    },
    Sample {
        id: "lostpage",
        name: "Lostpage",
        file: "lostpage.xml",
        shows: "broken on purpose: not found (404)",
        keys: &[],
        answer: Answer::Missing,
    },
];

impl Sample {
    /// Whether it is broken on purpose, so that nothing in it can be read.
    pub(super) fn is_broken(&self) -> bool {
        matches!(self.answer, Answer::Missing | Answer::Document { entries: 0, .. })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn document(sample: &Sample) -> Option<(&'static [u8], usize)> {
        match sample.answer {
            Answer::Document { template, entries, .. } => Some((template, entries)),
            Answer::Missing => None,
        }
    }

    #[test]
    fn every_file_of_the_folder_is_a_sample() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/samples");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "mod.rs")
            .collect();
        let served: BTreeSet<String> =
            SAMPLES.iter().filter(|s| document(s).is_some()).map(|s| s.file.to_owned()).collect();
        assert_eq!(files, served);
    }

    #[test]
    fn each_sample_holds_as_many_entries_as_it_says() {
        let closed = |text: &str| text.matches("</item>").count() + text.matches("</entry>").count();
        for sample in &SAMPLES {
            let Some((template, entries)) = document(sample) else { continue };
            let text = String::from_utf8_lossy(template);
            let found = match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(json) => json["items"].as_array().unwrap().len(),
                Err(_) => closed(&text),
            };
            assert_eq!(found, entries, "{}", sample.file);
        }
        let all: usize = SAMPLES.iter().filter_map(document).map(|(_, entries)| entries).sum();
        assert!((60..=80).contains(&all), "{all}");
    }

    #[test]
    fn encodings_are_as_wrong_as_they_say() {
        let bytes = |id: &str| SAMPLES.iter().find(|s| s.id == id).and_then(document).unwrap().0;
        let says_latin1 = |bytes: &[u8]| bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
        assert!(says_latin1(bytes("oldbridge")) && says_latin1(bytes("morgenkode")));
        assert!(bytes("oldbridge").contains(&0x93), "a windows-1252 quotation mark");
        assert!(std::str::from_utf8(bytes("morgenkode")).is_ok_and(|text| !text.is_ascii()));
    }

    #[test]
    fn all_addresses_are_invented() {
        // Names of namespaces, DTDs and licences, which are never fetched.
        let names = ["purl.org", "www.w3.org", "search.yahoo.com", "www.itunes.com", "my.netscape.com", "jsonfeed.org"];
        for sample in &SAMPLES {
            let Some((template, _)) = document(sample) else { continue };
            let text = String::from_utf8_lossy(template);
            for (at, scheme) in text.match_indices("://") {
                let rest = &text[at + scheme.len()..];
                let host = rest.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-')).next().unwrap();
                let is_name = names.contains(&host) || host == "creativecommons.org";
                assert!(host.ends_with(".example") || is_name, "{host} in {}", sample.file);
            }
        }
    }
}
