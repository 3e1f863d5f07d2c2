namespace Longwire.Cli.Doctor;

/// <summary>What a TLS handshake with a server showed.</summary>
/// <param name="Cause">Empty when all is well.</param>
/// <param name="Detail">What was found.</param>
/// <param name="Advice">What to do about it.</param>
/// <param name="IsCertificate">Whether it is the certificate that is wrong, which can be overlooked.</param>
internal sealed record TlsFinding(string Cause, string Detail, string Advice = "", bool IsCertificate = false);
