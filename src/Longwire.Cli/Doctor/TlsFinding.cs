namespace Longwire.Cli.Doctor;

/// <summary>The findings of a TLS handshake with a server.</summary>
/// <param name="Cause">Empty when all is well.</param>
/// <param name="Detail">The finding.</param>
/// <param name="Advice">The remedy.</param>
/// <param name="IsCertificate">Whether it is the certificate that is wrong, which can be overlooked.</param>
internal sealed record TlsFinding(string Cause, string Detail, string Advice = "", bool IsCertificate = false);
