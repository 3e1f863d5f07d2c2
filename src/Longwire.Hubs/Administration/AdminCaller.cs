using System.Net;

namespace Longwire.Hubs;

/// <summary>An administrator, by the token of a request.</summary>
/// <param name="Role">The token's name, as the audit log says it.</param>
/// <param name="Rights">The rights that it has.</param>
/// <param name="Address">Where the request came from, if known.</param>
internal sealed record AdminCaller(string Role, AdminRights Rights, IPAddress? Address);
