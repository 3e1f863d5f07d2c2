namespace Longwire.Conformance;

/// <summary>12.* and 13.*: permessage-deflate with five kinds of data, and with each set of parameters.</summary>
internal static class DeflateCases
{
    private static readonly (int Size, int Fragment)[] _sizes =
    [
        (16, 0),
        (64, 0),
        (256, 0),
        (1024, 0),
        (4096, 0),
        (8192, 0),
        (16384, 0),
        (32768, 0),
        (65536, 0),
        (131072, 0),
        (8192, 256),
        (16384, 256),
        (32768, 256),
        (65536, 256),
        (131072, 256),
        (131072, 1024),
        (131072, 4096),
        (131072, 32768),
    ];

    public static IEnumerable<ConformanceCase> All() => [.. Kinds(), .. Parameters()];

    private static IEnumerable<ConformanceCase> Kinds()
    {
        (string Name, byte Kind, Func<byte[]> Data)[] kinds =
        [
            ("JSON text", WireFrame.Text, () => TestData.Json),
            ("a bitmap", WireFrame.Binary, () => TestData.Bitmap),
            ("prose", WireFrame.Binary, () => TestData.Prose),
            ("HTML text", WireFrame.Text, () => TestData.Html),
            ("a document that is compressed already", WireFrame.Binary, () => TestData.Document),
        ];
        DeflateTerms terms = new(new DeflateOffer(false, 0));
        for (int index = 0; index < kinds.Length; index++)
        {
            foreach (
                ConformanceCase conformanceCase in Sizes(
                    $"12.{index + 1}",
                    kinds[index].Name,
                    kinds[index].Kind,
                    kinds[index].Data,
                    terms,
                    "default parameters"
                )
            )
            {
                yield return conformanceCase;
            }
        }
    }

    private static IEnumerable<ConformanceCase> Parameters()
    {
        DeflateTerms[] terms =
        [
            new(new DeflateOffer(false, 0)),
            new(new DeflateOffer(true, 0)),
            new(new DeflateOffer(false, 9)),
            new(new DeflateOffer(false, 15)),
            new(new DeflateOffer(true, 9)),
            new(new DeflateOffer(true, 15)),
            new(new DeflateOffer(true, 9), new DeflateOffer(true, 0), new DeflateOffer(false, 0)),
        ];
        for (int index = 0; index < terms.Length; index++)
        {
            string asked = string.Join(
                ", else ",
                terms[index]
                    .Offers.Select(o =>
                        $"{(o.NoContextTakeover ? "no context takeover" : "context takeover")}, {(o.WindowBits == 0 ? "any window" : $"window of {o.WindowBits} bits")}"
                    )
            );
            foreach (
                ConformanceCase conformanceCase in Sizes(
                    $"13.{index + 1}",
                    "JSON text",
                    WireFrame.Text,
                    () => TestData.Json,
                    terms[index],
                    asked
                )
            )
            {
                yield return conformanceCase;
            }
        }
    }

    private static IEnumerable<ConformanceCase> Sizes(
        string id,
        string name,
        byte kind,
        Func<byte[]> data,
        DeflateTerms terms,
        string asked
    )
    {
        for (int index = 0; index < _sizes.Length; index++)
        {
            (int size, int fragment) = _sizes[index];
            string how = fragment == 0 ? "" : $" in fragments of {fragment}";
            yield return new(
                $"{id}.{index + 1}",
                $"1000 compressed messages of {size} octets{how}: {name}; {asked}.",
                "Each comes back.",
                run => TalkAsync(run, kind, data(), size, fragment)
            )
            {
                Load = CaseLoad.Heavy,
                Deflate = terms with
                {
                    Level =
                        size <= 4096 ? 6
                        : size <= 32768 ? 3
                        : 1,
                },
                Section = "RFC 7692",
                TimeLimit = TimeSpan.FromSeconds(480),
            };
        }
    }

    private static Task TalkAsync(CaseRun run, byte kind, byte[] data, int size, int fragment) =>
        Conversation.HoldAsync(
            run,
            run.Options.DeflateMessages,
            number => TestData.Slice(data, number, size),
            kind,
            message => run.Peer.SendMessageAsync(kind, message, fragment)
        );
}
