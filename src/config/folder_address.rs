//! The address of a folder.

use url::Url;

/// `url` as the address of a folder: it ends with `/`, and has neither query nor fragment.
pub(super) fn with_slash(mut url: Url) -> Url {
    url.set_fragment(None);
    url.set_query(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    url
}
