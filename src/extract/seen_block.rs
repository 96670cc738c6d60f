/// A block, and what was decided about it.
#[derive(Debug)]
pub struct SeenBlock {
    /// Its text.
    pub text: String,
    /// How likely it is that it belongs to the article, 0 to 1.
    pub chance: f32,
    /// Whether it was kept.
    pub kept: bool,
    /// Its measurements, in the order of [`feature_names`](super::feature_names).
    pub features: Vec<f32>,
}
