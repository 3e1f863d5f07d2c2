namespace Longwire.Conformance;

/// <summary>9.* and 10.*: large messages, many fragments, many small writes, many round trips.</summary>
internal static class LimitCases
{
    private const int Mebi = 1 << 20;
    private static readonly TimeSpan _timeLimit = TimeSpan.FromSeconds(120);

    public static IEnumerable<ConformanceCase> All() => [.. Whole(), .. Fragmented(), .. Chopped(), .. RoundTrips(), Auto()];

    private static IEnumerable<ConformanceCase> Whole()
    {
        int[] sizes = [64 << 10, 256 << 10, Mebi, 4 * Mebi, 8 * Mebi, 16 * Mebi];
        return Both(
            "9.1",
            "9.2",
            sizes,
            (type, size) => new($"One message of {Size(size)}.", (run, kind) => run.EchoAsync(kind, size, int.MaxValue, 0))
        );
    }

    private static IEnumerable<ConformanceCase> Fragmented()
    {
        int[] sizes = [64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, Mebi, 4 * Mebi];
        return Both(
            "9.3",
            "9.4",
            sizes,
            (type, size) => new($"4 MiB in fragments of {Size(size)}.", (run, kind) => run.EchoAsync(kind, 4 * Mebi, size, 0))
        );
    }

    private static IEnumerable<ConformanceCase> Chopped()
    {
        int[] sizes = [64, 128, 256, 512, 1024, 2048];
        return Both(
            "9.5",
            "9.6",
            sizes,
            (type, size) => new($"1 MiB in chops of {size} octets.", (run, kind) => run.EchoAsync(kind, Mebi, int.MaxValue, size))
        );
    }

    private static IEnumerable<ConformanceCase> RoundTrips()
    {
        int[] sizes = [0, 16, 64, 256, 1024, 4096];
        return Both(
            "9.7",
            "9.8",
            sizes,
            (type, size) => new($"1000 messages of {size} octets, one after the other.", (run, kind) => RoundTripsAsync(run, kind, size))
        );
    }

    private static ConformanceCase Auto() =>
        new(
            "10.1.1",
            "Text of 64 KiB in fragments of 1300 octets.",
            "The text comes back; normal close.",
            run => run.EchoAsync(WireFrame.Text, 65536, 1300, 0)
        );

    private static IEnumerable<ConformanceCase> Both(
        string textId,
        string binaryId,
        int[] sizes,
        Func<byte, int, (string Description, Func<CaseRun, byte, Task> Script)> make
    )
    {
        foreach ((string id, byte kind) in (((string, byte)[])[(textId, WireFrame.Text), (binaryId, WireFrame.Binary)]))
        {
            for (int index = 0; index < sizes.Length; index++)
            {
                (string description, Func<CaseRun, byte, Task> script) = make(kind, sizes[index]);
                yield return new(
                    $"{id}.{index + 1}",
                    $"{description[..^1]}, {WireFrame.NameOf(kind)}.",
                    "The same comes back in time; normal close.",
                    run => script(run, kind)
                )
                {
                    Load = CaseLoad.Heavy,
                    TimeLimit = _timeLimit,
                };
            }
        }
    }

    private static async Task EchoAsync(this CaseRun run, byte kind, int size, int fragmentSize, int chopSize)
    {
        // A pattern whose length has no factor in common with a buffer's, so that a mix-up of buffers shows.
        byte[] payload = new byte[size];
        for (int index = 0; index < size; index++)
        {
            payload[index] = kind == WireFrame.Text ? (byte)('0' + (index % 43)) : (byte)(index % 251);
        }

        run.ExpectOk(new PeerEvent(kind == WireFrame.Text ? PeerEventKind.Text : PeerEventKind.Binary, payload));
        await run.Peer.SendAsync(WireFrame.Fragments(kind, payload, fragmentSize), chopSize == 0 ? Chops.Whole : Chops.Of(chopSize));
        await run.WaitAsync(() => !run.Peer.IsOpen || run.Peer.Violation is not null || run.Peer.EventCount > 0, _timeLimit);
    }

    private static async Task RoundTripsAsync(CaseRun run, byte kind, int size)
    {
        byte[] payload = EchoCases.Filled(size, kind == WireFrame.Text ? (byte)'*' : (byte)0xFE);
        await Conversation.HoldAsync(run, 1000, _ => payload, kind, message => run.Peer.SendAsync(new WireFrame(kind, message)));
    }

    private static string Size(int octets) =>
        octets >= Mebi ? $"{octets / Mebi} MiB"
        : octets >= 1024 ? $"{octets / 1024} KiB"
        : $"{octets} octets";
}
