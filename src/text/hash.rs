use sha2::{Digest, Sha256};

const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// 16 characters of `a-z 2-7`: the first 80 bits of SHA-256 over `parts`, in base 32 (RFC 4648 §6,
/// lower case, no padding). Parts are told apart by their lengths.
#[must_use]
pub fn short_hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    digest[..10]
        .chunks_exact(5)
        .flat_map(|five| {
            let bits = five.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |i| char::from(BASE32[(bits >> (5 * i)) as usize & 31]))
        })
        .collect()
}

/// SHA-256 of `bytes`: whether a body changed since the last poll.
#[must_use]
pub fn content_hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_apart() {
        assert_ne!(short_hash(&["ab", "c"]), short_hash(&["a", "bc"]));
        assert_ne!(short_hash(&["ab"]), short_hash(&["ab", ""]));
    }

    #[test]
    fn a_hash_is_sixteen_base32_characters_and_stays_the_same() {
        let hash = short_hash(&["lwn", "https://lwn.net/1"]);
        assert_eq!(hash.len(), 16);
        assert!(hash.bytes().all(|b| BASE32.contains(&b)));
        assert_eq!(hash, short_hash(&["lwn", "https://lwn.net/1"]));
    }
}
