//! `X-Hub-Signature` (WebSub §7): who pushed, and that nothing was changed on its way.

use ring::hmac;

use crate::text::hexadecimal;

/// The methods, by their names there.
const METHODS: [(&str, &hmac::Algorithm); 4] = [
    // Weak as a hash, and not broken as an HMAC: PubSubHubbub hubs know nothing else.
    ("sha1", &hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
    ("sha256", &hmac::HMAC_SHA256),
    ("sha384", &hmac::HMAC_SHA384),
    ("sha512", &hmac::HMAC_SHA512),
];

/// Whether `given`, the whole header, signs `body` with `secret`. It is compared in constant time.
pub(super) fn is_signed(given: &str, secret: &str, body: &[u8]) -> bool {
    let Some((method, signature)) = given.trim().split_once('=') else { return false };
    let method = method.trim();
    let Some((_, algorithm)) = METHODS.iter().find(|(name, _)| name.eq_ignore_ascii_case(method)) else { return false };
    let Some(signature) = from_hex(signature.trim()) else { return false };
    hmac::verify(&hmac::Key::new(**algorithm, secret.as_bytes()), body, &signature).is_ok()
}

/// `X-Hub-Signature` of `body` with `secret`.
pub(super) fn sign(secret: &str, body: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), body);
    format!("sha256={}", hexadecimal(tag.as_ref()))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if !text.len().is_multiple_of(2) || text.len() > 128 {
        return None;
    }
    text.as_bytes().chunks_exact(2).map(|two| Some(digit(two[0])? << 4 | digit(two[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 2202 and RFC 4231, test case 2: key "Jefe".
    const BODY: &[u8] = b"what do ya want for nothing?";
    const SIGNED: [(&str, &str); 4] = [
        ("sha1", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
        ("sha256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        ("sha384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"),
        (
            "sha512",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        ),
    ];

    #[test]
    fn every_method_of_the_specification_is_known() {
        for (method, signature) in SIGNED {
            assert!(is_signed(&format!("{method}={signature}"), "Jefe", BODY), "{method}");
            assert!(is_signed(&format!(" {}={} ", method.to_uppercase(), signature.to_uppercase()), "Jefe", BODY));
            assert!(!is_signed(&format!("{method}={signature}"), "jefe", BODY));
            assert!(!is_signed(&format!("{method}={signature}"), "Jefe", &BODY[1..]));
            assert!(!is_signed(&format!("{method}={}", &signature[2..]), "Jefe", BODY));
            assert!(!is_signed(&format!("{method}={}{}", &signature[2..], &signature[..2]), "Jefe", BODY));
        }
    }

    #[test]
    fn our_own_deliveries_are_signed() {
        assert_eq!(sign("Jefe", BODY), format!("sha256={}", SIGNED[1].1));
    }

    #[test]
    fn what_is_no_signature_signs_nothing() {
        let sha1 = SIGNED[0].1;
        let others = [
            String::new(),
            "=".to_owned(),
            sha1.to_owned(),
            "sha1=".to_owned(),
            format!("sha224={sha1}"),
            format!("md5={sha1}"),
            format!("sha256={sha1}"),
            format!("sha1={sha1}0"),
            format!("sha1={}zz", &sha1[2..]),
            format!("sha1={}é", &sha1[2..]),
            format!("sha1={sha1},sha256={}", SIGNED[1].1),
        ];
        for given in others {
            assert!(!is_signed(&given, "Jefe", BODY), "{given:?}");
        }
    }
}
