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
    let before = first.map_or(0, |first| items(first.prev_siblings().filter(is_item).count()));
    let counts_down = element.attr("reversed").is_some();
    let start = if counts_down {
        stated.unwrap_or_else(|| items(list.children().filter(is_item).count())).saturating_sub(before)
    } else {
        stated.unwrap_or(1).saturating_add(before)
    };
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
