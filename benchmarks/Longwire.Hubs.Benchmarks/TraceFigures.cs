using System.Diagnostics;
using System.Globalization;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// The cost of a live trace of one of many, in a hub in this process. The connections only count, so that nothing hides it.
/// </summary>
internal static class TraceFigures
{
    private const int Members = 5_000;
    private const int Publications = 100;
    private const int Rounds = 40;

    public static async Task<string> MeasureAsync()
    {
        await using var hub = new Hub(new LongwireHubOptions { Rooms = { Default = new RoomOptions { AnnouncedMembers = 0 } } });
        await hub.StartAsync();
        CountingLink[] links = [.. Enumerable.Range(0, Members).Select(number => Join(hub, "user" + number))];
        await UntilAsync(() => links.All(static link => link.Sent == 2));
        await PublishAsync(hub, links);
        // The least of many: what else the machine does comes on top.
        TimeSpan publishing = TimeSpan.MaxValue;
        TimeSpan tracing = TimeSpan.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            var trace = new LiveTrace(isRoom: false, "user0", withContents: true, TimeProvider.System);
            publishing = Least(publishing, await PublishAsync(hub, links));
            tracing = Least(tracing, Trace(trace, links[0]));
            if (trace.Entries.Count != Publications)
            {
                throw new InvalidOperationException("The trace has not seen everything.");
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"\nThe live trace of one of {Members:N0} members, with contents, takes {tracing.TotalMicroseconds / Publications:0.00} µs for a publication. "
                + $"The publication takes {publishing.TotalMicroseconds / Publications:N0} µs, over connections that only count.\n"
        );
    }

    /// <summary>Does as a trace does for each message that its one connection is sent.</summary>
    private static TimeSpan Trace(LiveTrace trace, CountingLink link)
    {
        PreparedMessage message = link.Last!;
        long began = Stopwatch.GetTimestamp();
        for (int count = 0; count < Publications; count++)
        {
            trace.Sent("a client's id", message);
        }

        return Stopwatch.GetElapsedTime(began);
    }

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static CountingLink Join(Hub hub, string user)
    {
        var link = new CountingLink();
        hub.Accept(link, new HubHandshake { Identity = new HubIdentity(user) });
        link.Session!.Receive(link, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
        return link;
    }

    private static async Task<TimeSpan> PublishAsync(Hub hub, CountingLink[] links)
    {
        byte[] content = [.. "\""u8, .. Enumerable.Repeat((byte)'x', 98), .. "\""u8];
        int[] expected = [.. links.Select(static link => link.Sent + Publications)];
        long began = Stopwatch.GetTimestamp();
        for (int count = 0; count < Publications; count++)
        {
            await hub.PublishAsync("general", content);
        }

        await UntilAsync(() => links.Zip(expected).All(static pair => pair.First.Sent == pair.Second));
        return Stopwatch.GetElapsedTime(began);
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
        {
            await Task.Yield();
        }
    }
}
