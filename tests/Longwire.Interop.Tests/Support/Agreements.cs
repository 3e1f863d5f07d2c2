using Longwire.Protocol;

namespace Longwire.Interop.Tests;

/// <summary>Longwire's parameters of permessage-deflate in these tests.</summary>
internal static class Agreements
{
    /// <summary>The default: no side keeps a context.</summary>
    public static readonly DeflateOptions Fresh = new() { Enabled = true };

    /// <summary>Both sides keep theirs.</summary>
    public static readonly DeflateOptions Contexts = new()
    {
        Enabled = true,
        ServerNoContextTakeover = false,
        ClientNoContextTakeover = false,
    };

    /// <summary>Both sides keep theirs, in windows smaller than the default.</summary>
    public static readonly DeflateOptions Narrow = Contexts with { ServerMaxWindowBits = 10, ClientMaxWindowBits = 13 };

    /// <summary>All of them, by name; the server has an endpoint for each.</summary>
    public static readonly Dictionary<string, DeflateOptions> All = new()
    {
        ["fresh"] = Fresh,
        ["contexts"] = Contexts,
        ["narrow"] = Narrow,
    };
}
