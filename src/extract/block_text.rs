//! The text of a block while it grows.

use ego_tree::NodeId;

/// Text that collapses white space as it grows.
#[derive(Debug, Default)]
pub(super) struct Run {
    pub(super) text: String,
    pub(super) chars: usize,
    pub(super) link_chars: usize,
    pub(super) bold_chars: usize,
    /// White space comes before what is added next.
    pub(super) space: bool,
    pub(super) nodes: Vec<NodeId>,
    pub(super) has_time: bool,
    pub(super) images: usize,
}

impl Run {
    /// Adds the text of the node `id`. Returns by how many characters it grew.
    pub(super) fn add(&mut self, id: NodeId, text: &str) -> usize {
        let mut chars = 0;
        for (at, word) in text.split(is_space).enumerate() {
            self.space |= at > 0;
            if word.is_empty() {
                continue;
            }
            if !self.text.is_empty() && self.space {
                self.text.push(' ');
                chars += 1;
            }
            self.text.push_str(word);
            chars += word.chars().count();
            self.space = false;
        }
        if !self.text.is_empty() {
            self.nodes.push(id);
        }
        self.chars += chars;
        chars
    }
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}')
}
