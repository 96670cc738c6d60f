//! The numbers of an ordered list's items: those that the page shows, also where the list is opened anew behind a picture.

use ego_tree::NodeRef;
use scraper::Node;

use super::tags::is_named;

/// Writes the attributes that number the items of `list`, of which `first` is the first that is written; `None` if it is
/// not known.
pub(super) fn of_list(list: NodeRef<'_, Node>, first: Option<NodeRef<'_, Node>>, html: &mut String) {
    let Some(element) = list.value().as_element() else { return };
    let stated = number(list, "start");
    let items = |nodes: usize| i32::try_from(nodes).unwrap_or(i32::MAX);
    let is_item = |node: &NodeRef<'_, Node>| is_named(*node, "li");
    let before = || first.into_iter().flat_map(|first| first.prev_siblings().filter(is_item));
    let counts_down = element.attr("reversed").is_some();
    // The last item before it that has a number of its own, else the list, says where to count from.
    let numbered = before().enumerate().find_map(|(at, item)| Some((at + 1, number(item, "value")?)));
    let (away, from) = numbered.unwrap_or_else(|| {
        let from = if counts_down { items(list.children().filter(is_item).count()) } else { 1 };
        (before().count(), stated.unwrap_or(from))
    });
    let start = if counts_down { from.saturating_sub(items(away)) } else { from.saturating_add(items(away)) };
    if counts_down || start != 1 {
        html.push_str(&format!(" start=\"{start}\""));
    }
    if counts_down {
        html.push_str(" reversed");
    }
}

/// Writes the number that an item has by itself.
pub(super) fn of_item(item: NodeRef<'_, Node>, html: &mut String) {
    if let Some(number) = number(item, "value") {
        html.push_str(&format!(" value=\"{number}\""));
    }
}

fn number(node: NodeRef<'_, Node>, name: &str) -> Option<i32> {
    node.value().as_element()?.attr(name)?.trim().parse().ok()
}
