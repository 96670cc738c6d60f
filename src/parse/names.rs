//! Namespaces and element names → what they mean in a feed.

/// A namespace that means something to us. Addresses are compared ignoring case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ns {
    /// RSS in any version, Atom 0.3 and 1.0, CDF, no namespace: their names never clash.
    Core,
    Dc,
    DcTerms,
    Content,
    Itunes,
    Media,
    Rdf,
    Xhtml,
    Xml,
    Sy,
    Admin,
    /// Creative Commons: both `cc:license` and `creativeCommons:license`.
    Cc,
    Feedburner,
    /// Feed access control (`access:restriction`).
    Access,
    GooglePlay,
    Podcast,
    /// Really Simple Licensing.
    Rsl,
    /// None of these: children of its elements are not looked at.
    Other,
}

/// The namespace with the address `uri`.
pub(super) fn namespace(uri: &str) -> Ns {
    let mut lower = [0_u8; 80];
    let uri = uri.trim();
    let Some(lower) = lower.get_mut(..uri.len()) else { return Ns::Other };
    lower.copy_from_slice(uri.as_bytes());
    lower.make_ascii_lowercase();
    let lower = lower.strip_prefix(b"https:").or_else(|| lower.strip_prefix(b"http:")).unwrap_or(lower);
    match lower {
        b""
        | b"//purl.org/rss/1.0/"
        | b"//purl.org/rss/1.0"
        | b"//my.netscape.com/rdf/simple/0.9/"
        | b"//channel.netscape.com/rdf/simple/0.9/"
        | b"//purl.org/atom/ns#"
        | b"//www.w3.org/2005/atom"
        | b"//www.w3.org/2005/atom/"
        | b"//blogs.law.harvard.edu/tech/rss"
        | b"//purl.org/pie/"
        | b"//purl.org/echo/"
        | b"//example.com/newformat#"
        | b"//example.com/necho"
        | b"uri/of/echo/namespace#"
        | b"//purl.org/rss/1.0/modules/rss091#"
        | b"//purl.org/net/rss1.1#"
        | b"//cyber.law.harvard.edu/rss"
        | b"//cyber.law.harvard.edu/rss/rss.html" => Ns::Core,
        b"//purl.org/dc/elements/1.1/" | b"//purl.org/dc/elements/1.0/" | b"//purl.org/dc/elements/1.1" => Ns::Dc,
        b"//purl.org/dc/terms/" => Ns::DcTerms,
        b"//purl.org/rss/1.0/modules/content/" | b"//purl.org/rss/1.0/modules/content" => Ns::Content,
        b"//www.itunes.com/dtds/podcast-1.0.dtd" | b"//example.com/dtds/podcast-1.0.dtd" => Ns::Itunes,
        b"//search.yahoo.com/mrss" | b"//search.yahoo.com/mrss/" | b"//search.yahoo.com/rss/" => Ns::Media,
        b"//www.w3.org/1999/02/22-rdf-syntax-ns#" => Ns::Rdf,
        b"//www.w3.org/1999/xhtml" | b"//www.w3.org/1999/xhtml/" => Ns::Xhtml,
        b"//www.w3.org/xml/1998/namespace" => Ns::Xml,
        b"//purl.org/rss/1.0/modules/syndication/" => Ns::Sy,
        b"//webns.net/mvcb/" => Ns::Admin,
        b"//creativecommons.org/ns#license"
        | b"//creativecommons.org/ns#"
        | b"//creativecommons.org/ns"
        | b"//web.resource.org/cc/"
        | b"//cyber.law.harvard.edu/rss/creativecommonsrssmodule.html"
        | b"//cyber.law.harvard.edu/rss/creativecommonsrssmodule"
        | b"//blogs.law.harvard.edu/tech/creativecommonsrssmodule"
        | b"//backend.userland.com/creativecommonsrssmodule" => Ns::Cc,
        b"//rssnamespace.org/feedburner/ext/1.0" => Ns::Feedburner,
        b"//www.bloglines.com/about/specs/fac-1.0" => Ns::Access,
        b"//www.google.com/schemas/play-podcasts/1.0"
        | b"//www.google.com/schemas/play-podcasts/1.0/"
        | b"//www.google.com/schemas/play-podcasts/1.0/play-podcasts.xsd" => Ns::GooglePlay,
        b"//podcastindex.org/namespace/1.0"
        | b"//github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md" => Ns::Podcast,
        b"//rslstandard.org/rsl" | b"//rslstandard.org/rsl/" => Ns::Rsl,
        other if other.starts_with(b"//backend.userland.com/rss") => Ns::Core,
        _ => Ns::Other,
    }
}

/// The namespace that an undeclared prefix stands for.
pub(super) fn undeclared(prefix: &str) -> Ns {
    let mut lower = [0_u8; 16];
    let Some(lower) = lower.get_mut(..prefix.len()) else { return Ns::Other };
    lower.copy_from_slice(prefix.as_bytes());
    lower.make_ascii_lowercase();
    match &*lower {
        b"" | b"rss" | b"atom" | b"atom10" | b"a10" => Ns::Core,
        b"dc" => Ns::Dc,
        b"dcterms" => Ns::DcTerms,
        b"content" => Ns::Content,
        b"itunes" => Ns::Itunes,
        b"media" => Ns::Media,
        b"rdf" => Ns::Rdf,
        b"xhtml" => Ns::Xhtml,
        b"xml" => Ns::Xml,
        b"sy" => Ns::Sy,
        b"admin" => Ns::Admin,
        b"cc" | b"creativecommons" => Ns::Cc,
        b"feedburner" => Ns::Feedburner,
        b"access" => Ns::Access,
        b"googleplay" => Ns::GooglePlay,
        b"podcast" => Ns::Podcast,
        b"rsl" => Ns::Rsl,
        _ => Ns::Other,
    }
}

/// What an element means, whatever format it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    // Roots and containers.
    Rss,
    Rdf,
    Feed,
    Channel,
    Entry,
    Image,
    TextInput,
    MediaGroup,
    SkipHours,
    SkipDays,
    // Persons.
    Author,
    Contributor,
    Publisher,
    Owner,
    Creator,
    ItunesAuthor,
    DcContributor,
    Name,
    Email,
    Uri,
    // Texts.
    Title,
    DcTitle,
    MediaTitle,
    Subtitle,
    ItunesSubtitle,
    Description,
    DcDescription,
    MediaDescription,
    Abstract,
    Summary,
    ItunesSummary,
    Content,
    Encoded,
    Body,
    Rights,
    Info,
    // Addresses.
    Link,
    Guid,
    Comments,
    Enclosure,
    MediaContent,
    MediaThumbnail,
    ItunesImage,
    Icon,
    Logo,
    OrigLink,
    CcLicense,
    // Dates.
    Published,
    Updated,
    DcDate,
    Created,
    // The rest.
    Category,
    ItunesCategory,
    ItunesKeywords,
    MediaCategory,
    MediaKeywords,
    Labels,
    Source,
    Language,
    Generator,
    GeneratorAgent,
    Ttl,
    UpdatePeriod,
    UpdateFrequency,
    Hour,
    Day,
    // What may be done wthe contenth it.
    Block,
    Restriction,
    Meta,
    MediaCopyright,
    MediaLicense,
    MediaRestriction,
    RslContent,
    /// Known to hold nothing for us, in the core namespace.
    Unknown,
    /// From a foreign namespace: neither it nor its children are looked at.
    Foreign,
}

/// The meaning of `local` (any case) in `ns`.
pub(super) fn tag(ns: Ns, local: &str) -> Tag {
    let mut lower = [0_u8; 24];
    let Some(lower) = lower.get_mut(..local.len()) else {
        return if matches!(ns, Ns::Core) { Tag::Unknown } else { Tag::Foreign };
    };
    lower.copy_from_slice(local.as_bytes());
    lower.make_ascii_lowercase();
    match ns {
        Ns::Core => core(lower),
        Ns::Dc => dublin_core(lower),
        Ns::Itunes => itunes(lower),
        Ns::Media => media(lower),
        ns => small(ns, lower),
    }
}

fn core(lower: &[u8]) -> Tag {
    match lower {
        b"item" | b"entry" => Tag::Entry,
        b"title" => Tag::Title,
        b"link" => Tag::Link,
        b"description" => Tag::Description,
        b"pubdate" | b"published" | b"issued" => Tag::Published,
        b"guid" | b"id" => Tag::Guid,
        b"category" | b"keywords" => Tag::Category,
        b"author" | b"managingeditor" => Tag::Author,
        b"content" => Tag::Content,
        b"summary" => Tag::Summary,
        b"updated" | b"modified" | b"lastbuilddate" | b"date" => Tag::Updated,
        b"name" => Tag::Name,
        b"email" => Tag::Email,
        b"uri" | b"url" | b"homepage" => Tag::Uri,
        b"comments" => Tag::Comments,
        b"enclosure" => Tag::Enclosure,
        b"source" => Tag::Source,
        b"rss" => Tag::Rss,
        b"feed" => Tag::Feed,
        b"channel" => Tag::Channel,
        b"rdf" => Tag::Rdf,
        b"image" => Tag::Image,
        b"textinput" => Tag::TextInput,
        b"skiphours" => Tag::SkipHours,
        b"skipdays" => Tag::SkipDays,
        b"contributor" => Tag::Contributor,
        b"webmaster" => Tag::Publisher,
        b"subtitle" | b"tagline" => Tag::Subtitle,
        b"abstract" => Tag::Abstract,
        b"fullitem" => Tag::Encoded,
        b"body" => Tag::Body,
        b"rights" | b"copyright" => Tag::Rights,
        b"info" => Tag::Info,
        b"icon" => Tag::Icon,
        b"logo" => Tag::Logo,
        b"created" => Tag::Created,
        b"tags" => Tag::Labels,
        b"language" => Tag::Language,
        b"generator" => Tag::Generator,
        b"ttl" => Tag::Ttl,
        b"hour" => Tag::Hour,
        b"day" => Tag::Day,
        _ => Tag::Unknown,
    }
}

fn dublin_core(lower: &[u8]) -> Tag {
    match lower {
        b"creator" | b"author" => Tag::Creator,
        b"date" => Tag::DcDate,
        b"subject" => Tag::Category,
        b"title" => Tag::DcTitle,
        b"description" => Tag::DcDescription,
        b"language" => Tag::Language,
        b"rights" => Tag::Rights,
        b"publisher" => Tag::Publisher,
        b"contributor" => Tag::DcContributor,
        _ => Tag::Foreign,
    }
}

fn itunes(lower: &[u8]) -> Tag {
    match lower {
        b"author" => Tag::ItunesAuthor,
        b"category" => Tag::ItunesCategory,
        b"name" => Tag::Name,
        b"email" => Tag::Email,
        b"subtitle" => Tag::ItunesSubtitle,
        b"summary" => Tag::ItunesSummary,
        b"owner" => Tag::Owner,
        b"keywords" => Tag::ItunesKeywords,
        b"image" | b"link" => Tag::ItunesImage,
        b"block" => Tag::Block,
        _ => Tag::Foreign,
    }
}

fn media(lower: &[u8]) -> Tag {
    match lower {
        b"group" => Tag::MediaGroup,
        b"content" => Tag::MediaContent,
        b"thumbnail" => Tag::MediaThumbnail,
        b"title" => Tag::MediaTitle,
        b"description" => Tag::MediaDescription,
        b"category" => Tag::MediaCategory,
        b"keywords" => Tag::MediaKeywords,
        b"copyright" => Tag::MediaCopyright,
        b"license" => Tag::MediaLicense,
        b"restriction" => Tag::MediaRestriction,
        _ => Tag::Foreign,
    }
}

fn small(ns: Ns, lower: &[u8]) -> Tag {
    match (ns, lower) {
        (Ns::Rdf, b"rdf") => Tag::Rdf,
        (Ns::Content, b"encoded") => Tag::Encoded,
        (Ns::DcTerms, b"created") => Tag::Created,
        (Ns::DcTerms, b"issued") => Tag::Published,
        (Ns::DcTerms, b"modified") => Tag::Updated,
        (Ns::Xhtml, b"body") => Tag::Body,
        (Ns::Xhtml, b"meta") => Tag::Meta,
        (Ns::Sy, b"updateperiod") => Tag::UpdatePeriod,
        (Ns::Sy, b"updatefrequency") => Tag::UpdateFrequency,
        (Ns::Admin, b"generatoragent") => Tag::GeneratorAgent,
        (Ns::Cc | Ns::DcTerms, b"license") => Tag::CcLicense,
        (Ns::Feedburner, b"origlink") => Tag::OrigLink,
        (Ns::Feedburner, b"browserfriendly") => Tag::Info,
        (Ns::Access, b"restriction") => Tag::Restriction,
        (Ns::GooglePlay | Ns::Podcast, b"block") => Tag::Block,
        (Ns::Rsl, b"content") => Tag::RslContent,
        (Ns::Rsl, b"rsl") => Tag::Unknown,
        _ => Tag::Foreign,
    }
}
