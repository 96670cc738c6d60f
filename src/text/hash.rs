use std::hash::Hasher as _;

use sha2::{Digest, Sha256};
use siphasher::sip::SipHasher13;

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// 16 characters of `a-z 2-7`: the first 80 bits of SHA-256 over `parts`, in base 32 (RFC 4648 §6,
/// lower case, no padding). The boundaries between parts count, too.
#[must_use]
pub(crate) fn short_hash(parts: &[&str]) -> String {
    let mut print = Fingerprint::new();
    for part in parts {
        print.add(part);
    }
    let digest = print.0.finalize();
    digest[..10]
        .chunks_exact(5)
        .flat_map(|five| {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |i| char::from(BASE32[(bits >> (5 * i)) as usize & 31]))
        })
        .collect()
}

/// SHA-256 of `bytes`: shows whether a body changed since the last poll.
#[must_use]
pub(crate) fn content_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What a file whose bytes have the hash `hash` may be called by: 128 bits of it, in 32 hexadecimal digits.
#[must_use]
pub(crate) fn content_name(hash: &[u8; 32]) -> String {
    hexadecimal(&hash[..16])
}

/// `bytes` as hexadecimal digits, lower case.
#[must_use]
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// A 64-bit fingerprint of a sequence of texts: the first bytes of SHA-256 over them, told apart by
/// their lengths. The same on every machine and in every version, so it can be stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Fingerprint(Sha256);

impl Fingerprint {
    /// The fingerprint of nothing so far.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub(crate) fn add(&mut self, part: &str) {
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part.as_bytes());
    }

    /// The fingerprint of all that was added.
    #[must_use]
    pub(crate) fn finish(self) -> i64 {
        let digest = self.0.finalize();
        i64::from_be_bytes(digest[..8].try_into().expect("eight of thirty-two bytes"))
    }
}

/// A number that changes with what an entry holds, stored with it: SipHash-1-3 over texts, told apart by their lengths.
/// Who could find a collision would hide edits of an entry of its own.
#[derive(Debug, Default)]
pub(crate) struct EditHash(SipHasher13);

impl EditHash {
    /// Adds a text.
    pub(crate) fn add(&mut self, part: &str) {
        self.0.write(&(part.len() as u64).to_le_bytes());
        self.0.write(part.as_bytes());
    }

    /// The number.
    #[must_use]
    pub(crate) fn finish(self) -> i64 {
        self.0.finish().cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_apart() {
        assert_ne!(short_hash(&["ab", "c"]), short_hash(&["a", "bc"]));
        assert_ne!(short_hash(&["ab"]), short_hash(&["ab", ""]));
    }

    #[test]
    fn an_edit_hash_stays_the_same_and_keeps_parts_apart() {
        let of = |parts: &[&str]| {
            let mut hash = EditHash::default();
            parts.iter().for_each(|part| hash.add(part));
            hash.finish()
        };
        assert_ne!(of(&["ab", "c"]), of(&["a", "bc"]));
        assert_ne!(of(&["ab"]), of(&["ab", ""]));
        assert_eq!(of(&["lwn", "https://lwn.net/1"]), 3_404_491_518_349_437_814);
    }

    #[test]
    fn a_hash_is_sixteen_base32_characters_and_stays_the_same() {
        let hash = short_hash(&["lwn", "https://lwn.net/1"]);
        assert_eq!(hash.len(), 16);
        assert!(hash.bytes().all(|b| BASE32.contains(&b)));
        assert_eq!(hash, short_hash(&["lwn", "https://lwn.net/1"]));
    }
}
