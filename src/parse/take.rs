//! The text of an element → the value it is.

use std::borrow::Cow;

use url::Url;

use super::capture::Capture;
use super::document::{Category, Content, Format};
use super::draft::{Id, MediaPicture, media_type};
use super::fill::Filler;
use super::mend::{Fault, Mends};
use super::names::Tag;
use super::rebase::rebase;
use super::typed::{TextForm, typed};
use crate::model::SignalKind;
use crate::rights::{License, Rsl};
use crate::text::{DatePrecision, read_date, resolve};

/// What relative addresses are resolved against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bases<'a> {
    /// The base of the enclosing elements, or of the document.
    pub(super) any: Option<&'a Url>,
    /// The same if an `xml:base` states it: texts are resolved against nothing else here, but see `bases.rs`.
    pub(super) stated: Option<&'a Url>,
}

impl Filler {
    /// Takes the element that `capture` read, which is at `depth`.
    pub(super) fn take(&mut self, mut capture: Capture<'_>, depth: usize, bases: Bases<'_>, mends: &mut Mends) {
        let base = bases.any;
        match capture.tag {
            Tag::Title
            | Tag::DcTitle
            | Tag::MediaTitle
            | Tag::Subtitle
            | Tag::ItunesSubtitle
            | Tag::Abstract
            | Tag::Summary
            | Tag::ItunesSummary
            | Tag::Content
            | Tag::Rights
            | Tag::Description
            | Tag::DcDescription
            | Tag::MediaDescription
            | Tag::Encoded
            | Tag::Body => self.take_text(capture, depth, bases),
            Tag::Published | Tag::Updated | Tag::DcDate | Tag::Created => self.take_date(capture, depth, mends),
            Tag::Link => {
                let text = capture.finish();
                let Some((mut link, has_attributes)) = self.pending_link.take() else { return };
                link.href = (!text.is_empty()).then(|| resolve::address(&text, base));
                if link.href.is_some() || has_attributes {
                    let given_type = link.media_type.clone();
                    self.take_link(link, given_type, depth);
                }
            }
            Tag::RslContent | Tag::MediaRestriction | Tag::MediaCopyright | Tag::MediaLicense => {
                self.take_rights(capture);
            }
            _ => {
                let text = capture.finish();
                let is_category = matches!(capture.tag, Tag::Category | Tag::MediaCategory);
                if is_category {
                    self.take_category(&capture, text);
                } else if !text.is_empty() {
                    self.take_value(&capture, text, depth, base);
                }
            }
        }
    }

    fn take_date(&mut self, mut capture: Capture<'_>, depth: usize, mends: &mut Mends) {
        let text = capture.finish();
        match read_date(&text, self.head.fields.language.as_deref()) {
            Some(date) => {
                if date.precision == DatePrecision::UnknownZone {
                    mends.add(Fault::UnknownZone);
                }
                self.target().date(capture.tag, depth, date.at);
            }
            None if text.is_empty() => {}
            None => mends.add(Fault::UnreadableDate),
        }
    }

    /// What publishers state about rights in elements of their own.
    fn take_rights(&mut self, mut capture: Capture<'_>) {
        let text = capture.finish();
        let about = capture.about.value.take().unwrap_or_default();
        match capture.tag {
            Tag::RslContent => {
                if let Some(rsl) = Rsl::read(&about, &text) {
                    self.say(SignalKind::Rsl, rsl.to_xml(""));
                }
            }
            Tag::MediaRestriction => {
                if keeps_back(&about, &text) {
                    let media = self.media.as_ref().map_or_else(|| "*".to_owned(), |(_, url)| url.clone());
                    self.say(SignalKind::MediaRestriction, media);
                }
            }
            _ => {
                let said = [text, about].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
                self.say(SignalKind::MediaRights, crate::text::plain_text(&said));
            }
        }
    }

    fn take_text(&mut self, mut capture: Capture<'_>, depth: usize, bases: Bases<'_>) {
        let form = match self.format {
            Some(Format::Atom) if self.is_atom_10 => TextForm::Atom10,
            Some(Format::Atom) => TextForm::Atom03,
            _ => TextForm::Loose,
        };
        let language = capture.language.take();
        let src = capture.about.value.take().map(|src| resolve::address(&src, bases.any));
        let tag = capture.tag;
        let given = capture.media_type.clone();
        let inner = capture.base_of_wrapper().and_then(|text| rebase(bases.any, text));
        let value = typed(capture, form, inner.as_ref().or(bases.stated));
        let entry = self.post.is_some() && self.source.is_none();
        let target = self.target();
        if let (true, Some(language), None) = (entry, language, &target.fields.language) {
            target.fields.language = Some(language);
        }
        if tag == Tag::Content && (src.is_some() || !value.is_blank())
            || matches!(tag, Tag::Encoded | Tag::Body) && !value.is_blank()
        {
            let given = given.filter(|given| given != "text/plain");
            let media_type = given.unwrap_or_else(|| Cow::Borrowed(media_type(&value)));
            target.content(tag, Content { value, media_type, src });
            return;
        }
        if value.is_blank() {
            return;
        }
        match tag {
            Tag::Title | Tag::DcTitle | Tag::MediaTitle => target.title(tag, depth, value),
            Tag::Rights => target.fields.rights = Some(value),
            _ => target.summary(tag, depth, value),
        }
    }

    fn take_category(&mut self, capture: &Capture<'_>, text: String) {
        let about = &capture.about;
        let text = (!text.is_empty()).then_some(text);
        let target = self.target();
        let term = about.value.clone().or_else(|| text.clone());
        target.category(Category { term: term.clone(), scheme: about.scheme.clone(), label: about.label.clone() });
        if text.is_some() && text != term && about.label.is_none() {
            target.category(Category { term: text, scheme: None, label: None });
        }
    }

    fn take_value(&mut self, capture: &Capture<'_>, text: String, depth: usize, base: Option<&Url>) {
        match capture.tag {
            Tag::Name | Tag::Email | Tag::Uri if self.image_at.is_none() => {
                return self.take_person(capture.tag, text, base);
            }
            Tag::Language => {
                self.target().fields.language = Some(text);
                return;
            }
            Tag::Ttl | Tag::UpdatePeriod | Tag::UpdateFrequency | Tag::Hour | Tag::Day => {
                self.take_channel(capture.tag, &text);
                return;
            }
            Tag::Block => {
                if text.eq_ignore_ascii_case("yes") {
                    self.say(SignalKind::Block, capture.name);
                }
                return;
            }
            _ => {}
        }
        let base_of_media = self.base_of_media(base);
        let target = self.target();
        match capture.tag {
            Tag::Guid => {
                let is_permalink = capture.about.is_permalink;
                let resolved = if is_permalink { resolve::address(&text, base) } else { text.clone() };
                target.id(depth, Id { resolved, written: text, is_permalink });
            }
            Tag::Uri => target.own_image(resolve::address(&text, base_of_media)),
            Tag::ItunesImage => target.image(resolve::address(&text, base_of_media)),
            Tag::MediaThumbnail => {
                let url = resolve::address(&text, base_of_media);
                target.thumbnail(MediaPicture { url, is_default: false, size: 0 });
            }
            Tag::Comments => target.fields.comments = Some(resolve::address(&text, base)),
            Tag::Icon => target.fields.icon = Some(resolve::address(&text, base)),
            Tag::Logo => target.fields.logo = Some(resolve::address(&text, base)),
            Tag::OrigLink => target.fields.original_link = Some(resolve::address(&text, base)),
            // Some feeds write its name in place of its address.
            Tag::CcLicense if License::parse(&text).is_some() => target.license(text),
            Tag::CcLicense => target.license(resolve::address(&text, base)),
            Tag::Generator => target.fields.generator = Some(text),
            Tag::ItunesKeywords | Tag::MediaKeywords | Tag::Labels => {
                let scheme = (capture.tag == Tag::ItunesKeywords).then(|| "http://www.itunes.com/".to_owned());
                for term in text.split(',').map(str::trim).filter(|term| !term.is_empty()) {
                    target.category(Category { term: Some(term.to_owned()), scheme: scheme.clone(), label: None });
                }
            }
            _ => {}
        }
    }

    fn take_person(&mut self, tag: Tag, text: String, base: Option<&Url>) {
        let Some(open) = &mut self.person else { return };
        match tag {
            Tag::Name => open.person.name = Some(text),
            Tag::Email => {
                open.person.email = Some(text.strip_prefix("mailto:").map_or_else(|| text.clone(), str::to_owned));
            }
            _ => open.person.uri = Some(resolve::address(&text, base)),
        }
    }

    fn take_channel(&mut self, tag: Tag, text: &str) {
        if self.post.is_some() {
            return;
        }
        let channel = &mut self.channel;
        match tag {
            Tag::Ttl => channel.ttl = Some(text.to_owned()),
            Tag::UpdatePeriod => {
                channel.period_hours = match text.to_ascii_lowercase().as_str() {
                    "hourly" => Some(1),
                    "daily" => Some(24),
                    "weekly" => Some(7 * 24),
                    "monthly" => Some(30 * 24),
                    "yearly" => Some(365 * 24),
                    _ => None,
                };
            }
            Tag::UpdateFrequency => channel.frequency = text.parse().ok().filter(|n| *n > 0),
            Tag::Hour => {
                channel.skip_hours |=
                    text.parse().ok().filter(|hour| *hour <= 24).map_or(0, |hour: u32| 1 << (hour % 24));
            }
            _ => channel.skip_days |= weekday(text).map_or(0, |day| 1 << day),
        }
    }
}

/// Whether `media:restriction` withholds a file from some of those who could read us (Media RSS 1.5.1): all but
/// "denied to none" and "allowed to all".
fn keeps_back(relationship: &str, whom: &str) -> bool {
    if relationship.eq_ignore_ascii_case("deny") {
        !whom.eq_ignore_ascii_case("none")
    } else {
        relationship.eq_ignore_ascii_case("allow") && !matches!(whom.to_ascii_lowercase().as_str(), "" | "all")
    }
}

/// 0 for Monday to 6 for Sunday.
fn weekday(text: &str) -> Option<u8> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let start = text.get(..3)?;
    DAYS.iter().zip(0..).find_map(|(day, number)| start.eq_ignore_ascii_case(day).then_some(number))
}
