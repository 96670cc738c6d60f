//! What nobody can guess.

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::text::hexadecimal;

/// The system gives no random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub(super) struct NoRandomness;

/// Bits that nobody can guess, in hex digits.
pub(super) fn unguessable<const BYTES: usize>() -> Result<String, NoRandomness> {
    let mut bytes = [0; BYTES];
    SystemRandom::new().fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(hexadecimal(&bytes))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_are_the_same() {
        let texts: BTreeSet<String> = (0..100).map(|_| unguessable::<20>().unwrap()).collect();
        assert!(texts.len() == 100 && texts.iter().all(|text| text.len() == 40));
    }
}
