namespace Longwire.Fuzzing;

/// <summary>The parameters of a permessage-deflate element, as RFC 7692 §7.1 says in plain words.</summary>
internal sealed record NaiveDeflateOffer(bool ServerFresh, bool ClientFresh, int? ServerBits, bool HasClientBits, int? ClientBits)
{
    private static readonly string[] _bits = ["8", "9", "10", "11", "12", "13", "14", "15"];

    /// <summary>Null when it is another extension, or not legal.</summary>
    public static NaiveDeflateOffer? Read((string Name, List<(string Name, string? Value)> Parameters) extension)
    {
        var parameters = extension.Parameters.Select(parameter => (Name: parameter.Name.ToLowerInvariant(), parameter.Value)).ToList();
        bool legal =
            extension.Name.Equals("permessage-deflate", StringComparison.OrdinalIgnoreCase)
            && parameters.Select(parameter => parameter.Name).Distinct().Count() == parameters.Count
            && parameters.All(parameter =>
                parameter.Name switch
                {
                    "server_no_context_takeover" or "client_no_context_takeover" => parameter.Value is null,
                    "server_max_window_bits" => _bits.Contains(parameter.Value),
                    "client_max_window_bits" => parameter.Value is null || _bits.Contains(parameter.Value),
                    _ => false,
                }
            );
        return legal
            ? new NaiveDeflateOffer(
                Has("server_no_context_takeover"),
                Has("client_no_context_takeover"),
                Bits("server_max_window_bits"),
                Has("client_max_window_bits"),
                Bits("client_max_window_bits")
            )
            : null;

        bool Has(string name) => parameters.Any(parameter => parameter.Name == name);

        int? Bits(string name) =>
            parameters
                .Where(parameter => parameter.Name == name && parameter.Value is not null)
                .Select(parameter => (int?)int.Parse(parameter.Value!, System.Globalization.CultureInfo.InvariantCulture))
                .FirstOrDefault();
    }
}
