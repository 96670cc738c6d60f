//! The yardstick for a pass in which nothing changed: the same conditional requests, sent by a bare
//! reqwest loop that keeps nothing and reads nothing.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use futures_util::{StreamExt, TryStreamExt, stream};
use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};

/// Fetches every address in the file `urls` and writes the validators to `known`.
pub(crate) fn learn(urls: &Path, known: &Path, parallelism: usize) -> Result<()> {
    let text = std::fs::read_to_string(urls)?;
    let lines: Vec<String> = block_on(async {
        let client = client()?;
        stream::iter(text.lines())
            .map(|url| {
                let client = &client;
                async move {
                    let answer = client.get(url).send().await?.error_for_status()?;
                    let value = |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
                    let line = format!("{url}\t{}\t{}", value(ETAG), value(LAST_MODIFIED));
                    answer.bytes().await?;
                    anyhow::Ok(line)
                }
            })
            .buffered(parallelism)
            .try_collect()
            .await
    })?;
    std::fs::write(known, lines.join("\n"))?;
    Ok(())
}

/// Asks for every address in `known` again, with its validators; each must answer 304.
pub(crate) fn ask(known: &Path, parallelism: usize) -> Result<()> {
    let text = std::fs::read_to_string(known)?;
    block_on(async {
        let client = client()?;
        stream::iter(text.lines())
            .map(|line| {
                let client = &client;
                async move {
                    let mut parts = line.split('\t');
                    let mut part = || parts.next().context("a line is cut short");
                    let request = client.get(part()?).header(IF_NONE_MATCH, part()?).header(IF_MODIFIED_SINCE, part()?);
                    let status = request.send().await?.status();
                    ensure!(status == 304, "{line}: answered {status}");
                    Ok(())
                }
            })
            .buffer_unordered(parallelism)
            .try_collect()
            .await
    })
}

fn block_on<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

fn client() -> Result<reqwest::Client> {
    // Installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(reqwest::Client::builder().no_proxy().build()?)
}
