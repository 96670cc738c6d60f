//! What is wrong with a certificate, in words.

use rustls::CertificateError;

/// What is wrong with a certificate, as the continuation of "its certificate …".
pub(super) fn in_words(fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "has expired".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name".to_owned()
        }
        CertificateError::UnknownIssuer => "is not signed by an authority that this machine trusts".to_owned(),
        CertificateError::Revoked => "was revoked".to_owned(),
        // rustls has no variant of its own for it.
        CertificateError::Other(why) if why.to_string().contains("CaUsedAsEndEntity") => "signs itself".to_owned(),
        other => format!("is not to be trusted ({other})"),
    }
}
