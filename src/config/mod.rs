//! feeds.toml: as written → checked, every problem with its line and column.

mod load;
mod read_config;
mod read_fetch;
mod read_weave;
mod read_sources;
mod read_source;
mod read_filter;
mod read_headers;
mod read_output;
mod outputs;
mod warnings;
mod table;
mod duration;
mod problem;
mod settings;
mod source;
mod source_id;
mod resolve;
mod filter;
mod output;
mod attribution;
mod allow;
mod template;
mod program;

pub(crate) use allow::Allowed;
pub use attribution::DEFAULT_ATTRIBUTION;
pub(crate) use duration::parse_duration;
pub(crate) use filter::Refusal;
pub use filter::{Filter, FilterField, FilterTest};
pub use output::{AttributionPlace, Format, Order, OutputConfig};
pub use problem::ConfigError;
pub(crate) use program::FilterProgram;
pub use settings::{Config, FetchConfig, RobotsFor, SameStory, WeaveConfig};
pub use source::{ArticleWanted, FutureDates, Identity, SourceAddress, SourceConfig};
pub(crate) use template::PageTemplate;
