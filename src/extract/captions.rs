//! Which words are the caption of a picture.

use ego_tree::NodeRef;
use scraper::Node;
use scraper::node::Element;

/// Elements around a picture of which one may hold its caption, too.
const AROUND: usize = 6;
/// Nodes of a frame that is no `figure` in which a caption is looked for.
const NEAR: usize = 60;

/// The element around the picture `node` that may hold its caption.
pub(super) fn frame_of<'a>(node: NodeRef<'a, Node>) -> Option<NodeRef<'a, Node>> {
    node.ancestors().take(AROUND).find(|around| named(*around, |one| is_figure(one) || is_frame(one)))
}

/// The element in `frame` that holds the caption.
pub(super) fn caption_in<'a>(frame: NodeRef<'a, Node>) -> Option<NodeRef<'a, Node>> {
    if named(frame, is_figure) {
        return frame.descendants().find(|node| named(*node, |one| one.name() == "figcaption" || is_caption(one)));
    }
    frame.descendants().take(NEAR).find(|node| named(*node, is_caption))
}

fn named(node: NodeRef<'_, Node>, is: fn(&Element) -> bool) -> bool {
    node.value().as_element().is_some_and(is)
}

fn is_figure(element: &Element) -> bool {
    element.name() == "figure"
}

/// A box around one picture and its caption, as programs for blogs wrote it before there was `figure`.
fn is_frame(element: &Element) -> bool {
    element.classes().any(|class| matches!(class, "wp-caption" | "tr-caption-container"))
}

fn is_caption(element: &Element) -> bool {
    element.classes().any(|class| matches!(class, "wp-caption-text" | "tr-caption"))
}

#[cfg(test)]
mod tests {
    use crate::extract::sample::within;

    #[test]
    fn a_picture_keeps_its_caption_once() {
        let picture = "<img src=/rack.jpg width=900 height=600>";
        let want = "<figure><img src=\"https://times.example/rack.jpg\"><figcaption>A rack in the hall. It hums.</figcaption></figure>";
        for part in [
            format!("<figure>{picture}<figcaption>A rack in the hall. It hums.</figcaption></figure>"),
            format!("<figure>{picture}<figcaption><p>A rack in the hall.</p><p>It hums.</p></figcaption></figure>"),
            format!(
                "<div class='wp-caption alignnone'><a href=/rack.jpg>{picture}</a><p class=wp-caption-text>A rack in the hall. It hums.</p></div>"
            ),
            format!(
                "<table class=tr-caption-container><tr><td>{picture}</td></tr><tr><td class=tr-caption>A rack in the hall. It \
                 hums.</td></tr></table>"
            ),
        ] {
            assert_eq!(within(&part), want, "{part}");
        }
        let before =
            within(&format!("<figure><figcaption>A rack in the hall. It hums.</figcaption>{picture}</figure>"));
        assert_eq!(
            before,
            "<figure><figcaption>A rack in the hall. It hums.</figcaption><img src=\"https://times.example/rack.jpg\"></figure>"
        );
    }

    #[test]
    fn frames_without_text_hide_no_picture() {
        let picture = "<img src=/rack.jpg width=1200 height=800>";
        for part in [
            format!("<figure><div><div><div>{picture}</div></div></div></figure>"),
            format!("<div><div><div><div><div>{picture}</div></div></div></div></div>"),
            format!("<table><tr><td>{picture}</td></tr></table>"),
        ] {
            assert_eq!(within(&part), "<figure><img src=\"https://times.example/rack.jpg\"></figure>", "{part}");
        }
    }
}
