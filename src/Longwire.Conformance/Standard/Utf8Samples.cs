namespace Longwire.Conformance;

/// <summary>The octet sequences of 6.5 to 6.23, after Markus Kuhn's list of what a UTF-8 decoder has to take and to refuse.</summary>
internal static class Utf8Samples
{
    /// <summary>"κόσμε".</summary>
    public static byte[] Kosme { get; } = Convert.FromHexString("cebae1bdb9cf83cebcceb5");

    /// <summary>"κόσμε", a surrogate, "edited": wrong from the thirteenth octet on.</summary>
    public static byte[] Surrogate { get; } = Convert.FromHexString("cebae1bdb9cf83cebcceb5eda080656469746564");

    private static readonly string[] _starts =
    [
        "c0",
        "e080",
        "f08080",
        "f8808080",
        "fc80808080",
        "df",
        "efbf",
        "f7bfbf",
        "fbbfbfbf",
        "fdbfbfbfbf",
    ];

    /// <summary>By chapter: what it is about, and the sequences, each with whether it is UTF-8.</summary>
    public static IEnumerable<(int Chapter, string About, (bool Valid, string Hex)[] Samples)> All()
    {
        yield return (
            5,
            "UTF-8 of one to four octets",
            Good([
                "68656c6c6f24776f726c64",
                "68656c6c6fc2a2776f726c64",
                "68656c6c6fe282ac776f726c64",
                "68656c6c6ff0a4ada2776f726c64",
                Convert.ToHexString(Kosme),
            ])
        );
        yield return (
            6,
            "prefixes of a word with multi-octet characters",
            [.. Enumerable.Range(1, Kosme.Length).Select(n => (n is 2 or 5 or 7 or 9 or 11, Convert.ToHexString(Kosme, 0, n)))]
        );
        yield return (7, "the first sequence of a length", Good(["00", "c280", "e0a080", "f0908080"]));
        yield return (8, "the first sequence of five and six octets", Bad(["f888808080", "fc8480808080"]));
        yield return (9, "the last sequence of a length", Good(["7f", "dfbf", "efbfbf", "f48fbfbf"]));
        yield return (
            10,
            "the last sequence of four, five and six octets, beyond Unicode",
            Bad(["f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"])
        );
        yield return (11, "other boundaries", [.. Good(["ed9fbf", "ee8080", "efbfbd", "f48fbfbf"]), .. Bad(["f4908080"])]);
        yield return (
            12,
            "continuation octets without a start",
            Bad(["80", "bf", "80bf", "80bf80", "80bf80bf", "80bf80bf80", "80bf80bf80bf", Convert.ToHexString(Range(0x80, 0xBF))])
        );
        yield return (
            13,
            "start octets without a continuation",
            Bad([Lonely(0xC0, 0xDF), Lonely(0xE0, 0xEF), Lonely(0xF0, 0xF7), Lonely(0xF8, 0xFB), Lonely(0xFC, 0xFD)])
        );
        yield return (14, "sequences without their last octet", Bad(_starts));
        yield return (15, "incomplete sequences behind each other", Bad([string.Concat(_starts)]));
        yield return (16, "octets that never occur", Bad(["fe", "ff", "fefeffff"]));
        yield return (17, "overlong forms of a slash", Bad(["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]));
        yield return (18, "the longest overlong forms", Bad(["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]));
        yield return (19, "overlong forms of NUL", Bad(["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]));
        yield return (20, "single surrogates", Bad(["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]));
        yield return (
            21,
            "paired surrogates",
            Bad([
                "eda080edb080",
                "eda080edbfbf",
                "edadbfedb080",
                "edadbfedbfbf",
                "edae80edb080",
                "edae80edbfbf",
                "edafbfedb080",
                "edafbfedbfbf",
            ])
        );
        yield return (22, "non-characters, which are valid", Good([.. NonCharacters()]));
        yield return (
            23,
            "specials such as the replacement character",
            Good(["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd", "efbfbe", "efbfbf"])
        );
    }

    private static (bool Valid, string Hex)[] Good(string[] samples) => [.. samples.Select(s => (true, s))];

    private static (bool Valid, string Hex)[] Bad(string[] samples) => [.. samples.Select(s => (false, s))];

    // As in the list, the end is not included.
    private static byte[] Range(int first, int end) => [.. Enumerable.Range(first, end - first).Select(i => (byte)i)];

    private static string Lonely(int first, int end) => string.Concat(Range(first, end).Select(octet => $"{octet:x2}20"));

    private static IEnumerable<string> NonCharacters()
    {
        yield return "efbfbe";
        yield return "efbfbf";
        for (int plane = 1; plane <= 16; plane++)
        {
            foreach (int last in (int[])[0xFFFE, 0xFFFF])
            {
                yield return Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(char.ConvertFromUtf32((plane << 16) | last)));
            }
        }
    }
}
