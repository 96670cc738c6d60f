//! How many pages of strangers are requested in a run.

use std::collections::HashMap;

use url::Url;

use crate::config::SourceConfig;
use crate::model::SourceId;
use crate::text::owner_of;

/// Most pages of one source requested at one foreign site in a run, …
const PAGES_OF_A_SOURCE: u32 = 25;
/// … and of all sources to which it is foreign.
const PAGES_OF_ALL: u32 = 50;

/// The pages that were requested at sites other than the source's own, including redirects: a feed that lists or
/// redirects to a stranger's pages must not turn us into a crawler.
#[derive(Debug, Default)]
pub(crate) struct ForeignPages {
    of_source: HashMap<(SourceId, String), u32>,
    of_all: HashMap<String, u32>,
}

impl ForeignPages {
    /// Counts one more request for a page of `source` at `url`; returns whether it may be sent.
    pub(crate) fn admit(&mut self, source: &SourceConfig, url: &Url) -> bool {
        let site = owner_of(url).unwrap_or_default();
        if owner_of(&source.address.to_url()).as_ref() == Some(&site) {
            return true;
        }
        let of_all = self.of_all.entry(site.clone()).or_default();
        let of_source = self.of_source.entry((source.id.clone(), site)).or_default();
        if *of_source >= PAGES_OF_A_SOURCE || *of_all >= PAGES_OF_ALL {
            return false;
        }
        *of_source += 1;
        *of_all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;

    fn source(url: &str) -> SourceConfig {
        let text = format!("title = \"T\"\n[[source]]\nurl = \"{url}\"\n");
        Config::parse(Path::new("/feeds.toml"), &text).unwrap().sources.remove(0)
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn pages_at_strangers_are_few() {
        let admitted = |foreign: &mut ForeignPages, from: &str, to: &str| {
            let source = source(from);
            (0..200).filter(|n| foreign.admit(&source, &url(&format!("{to}/{n}")))).count()
        };
        let mut foreign = ForeignPages::default();
        assert_eq!(admitted(&mut foreign, "https://a.example/f", "https://www.a.example"), 200, "its own site");
        assert_eq!(admitted(&mut foreign, "https://a.example/f", "https://v.example"), 25);
        assert_eq!(
            admitted(&mut foreign, "https://a.example/f", "https://m.v.example"),
            0,
            "another host of that site"
        );
        assert_eq!(admitted(&mut foreign, "https://b.example/f", "https://v.example"), 25);
        assert_eq!(admitted(&mut foreign, "https://c.example/f", "https://v.example"), 0, "all together");
        assert_eq!(admitted(&mut foreign, "https://c.example/f", "https://w.example"), 25);
        assert_eq!(admitted(&mut foreign, "https://v.example/f", "https://v.example"), 200, "the owner is no stranger");
    }
}
