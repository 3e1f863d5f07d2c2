using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Longwire.Interop.Tests;

/// <summary>The options that npm `ws` has for permessage-deflate, as JSON; null for one that isn't given.</summary>
/// <param name="ServerNoContextTakeover">
/// Whether the server is to start each message afresh; false also means not to agree to that as a server.
/// </param>
/// <param name="ClientNoContextTakeover">Whether the client is to; false also means not to agree to that as a client.</param>
/// <param name="ServerMaxWindowBits">The server's window: a number, or false for not to agree to one as a server.</param>
/// <param name="ClientMaxWindowBits">The client's window: a number, true to leave it to the server, or false for not to.</param>
/// <param name="Threshold">The length from which messages without context takeover are compressed.</param>
public sealed record WsDeflateOptions(
    bool? ServerNoContextTakeover,
    bool? ClientNoContextTakeover,
    object? ServerMaxWindowBits,
    object? ClientMaxWindowBits,
    int? Threshold
)
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>The server's window when it is given as a number.</summary>
    [JsonIgnore]
    public int? ServerBits => ServerMaxWindowBits as int?;

    /// <summary>The client's window when it is given as a number.</summary>
    [JsonIgnore]
    public int? ClientBits => ClientMaxWindowBits as int?;

    /// <summary>All combinations of what is given for each option.</summary>
    public static IEnumerable<WsDeflateOptions> Combine(
        bool?[] serverNo,
        bool?[] clientNo,
        object?[] serverBits,
        object?[] clientBits,
        int?[] thresholds
    ) =>
        from s in serverNo
        from c in clientNo
        from sb in serverBits
        from cb in clientBits
        from t in thresholds
        select new WsDeflateOptions(s, c, sb, cb, t);

    /// <summary>A short name: the options of the server, of the client, and the threshold, as in "True 9, - False, 0".</summary>
    [JsonIgnore]
    public string Name =>
        $"{Text(ServerNoContextTakeover)} {Text(ServerMaxWindowBits)}, {Text(ClientNoContextTakeover)} {Text(ClientMaxWindowBits)}, {Text(Threshold)}";

    /// <inheritdoc/>
    public override string ToString() => JsonSerializer.Serialize(this, _json);

    private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text ? text : "-";
}
