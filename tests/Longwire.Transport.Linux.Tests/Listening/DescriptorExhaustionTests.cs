using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Longwire.Transport.Linux.Tests;

/// <summary>Lowers the process's limit of descriptors for a moment, so nothing else may run meanwhile.</summary>
[Collection(nameof(DescriptorExhaustionTests))]
[CollectionDefinition(nameof(DescriptorExhaustionTests), DisableParallelization = true)]
public partial class DescriptorExhaustionTests
{
    private const int NumberOfFiles = 7;
    private const int SettlingPauses = 4;

    // So many that the limit is far from 0, and near all the same.
    private const int ManyDescriptors = 4500;

    [Theory]
    [ClassData(typeof(KindsBothWays))]
    public async Task Out_of_descriptors_accepting_pauses_says_so_and_goes_on_when_there_are_some(EventLoopKind kind, bool othersHoldMany)
    {
        // Garbage of other tests would give descriptors back in the middle.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var logger = new ListLogger();
        Socket[] clients =
        [
            .. Enumerable.Range(0, 150).Select(_ => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)),
        ];
        var fillers = new List<SafeFileHandle>();
        Limits before = GetLimit();
        TestServer? server = null;
        try
        {
            // Numbers that are free below the highest would be given out in spite of the limit.
            int highest = Directory
                .EnumerateFiles("/proc/self/fd")
                .Max(name => int.Parse(Path.GetFileName(name), CultureInfo.InvariantCulture));
            if (othersHoldMany)
            {
                highest = Math.Max(highest, ManyDescriptors);
            }

            do
            {
                fillers.Add(File.OpenHandle("/dev/null"));
            } while (fillers[^1].DangerousGetHandle() < highest);
            SetLimit(before with { Soft = (nuint)fillers[^1].DangerousGetHandle() + 1 + 64 + 10 });

            server = await TestServer.StartAsync(
                kind,
                () => new TestHandler(),
                options => options.AcceptPause = TimeSpan.FromMilliseconds(10),
                logger: logger
            );
            // All of them at once, as the kernel may accept more than one before the loop looks.
            using var connected = new ManualResetEventSlim();
            server.Loop.Post(_ => connected.Wait(), null);
            foreach (Socket client in clients)
            {
                client.Connect(server.Listener.EndPoint);
            }

            connected.Set();
            await server.UntilAsync(() => server.Listener.AcceptPauses >= 3);

            // Accepted clients are served all the same, and the rest of the process has descriptors.
            Assert.InRange(server.Loop.SocketCount, 1, clients.Length - 1);
            clients[0].Send(new byte[1]);
            Assert.Equal(1, clients[0].Receive(new byte[1]));
            using SafeFileHandle another = File.OpenHandle("/dev/null");

            // One that is given back lets one more in. The shortage is the same, and is told of once.
            int accepted = server.Loop.SocketCount;
            fillers[0].Dispose();
            await server.UntilAsync(() => server.Loop.SocketCount > accepted);
            int pauses = server.Listener.AcceptPauses;
            await server.UntilAsync(() => server.Listener.AcceptPauses >= pauses + 2 * SettlingPauses);
            Assert.Single(logger.Entries, IsPaused);
            Assert.DoesNotContain(logger.Entries, IsResumed);
        }
        finally
        {
            SetLimit(before);
            foreach (SafeFileHandle filler in fillers)
            {
                filler.Dispose();
            }
        }

        foreach (Socket client in clients)
        {
            await client.SendAllAsync(Data.Pattern(10));
            Assert.Equal(Data.Pattern(10), await client.ReceiveExactlyAsync(10));
            client.Dispose();
        }

        await server.UntilAsync(() => logger.Entries.Any(IsResumed));
        await server.DisposeAsync();
        Assert.Single(logger.Entries, IsPaused);
        Assert.Single(logger.Entries, IsResumed);
    }

    [Fact]
    public async Task An_accept_that_finds_no_descriptor_is_made_good_later()
    {
        int failures = 2;
        var calls = new FaultyCalls { BeforeAccept = () => failures-- > 0 ? -Errno.TooManyFiles : 0 };
        var logger = new ListLogger();
        await using TestServer server = await TestServer.StartAsync(
            EventLoopKind.Epoll,
            () => new TestHandler(),
            options => options.AcceptPause = TimeSpan.FromMilliseconds(10),
            calls,
            logger
        );
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        client.Connect(server.Listener.EndPoint);
        while (server.Listener.AcceptPauses < 2)
        {
            Thread.Yield();
        }

        client.Send(new byte[1]);
        Assert.Equal(1, client.Receive(new byte[1]));
        Assert.Equal(1, server.Loop.SocketCount);
        Assert.Single(logger.Entries, IsPaused);
    }

    [Fact]
    public async Task An_error_of_one_connection_does_not_end_accepting()
    {
        int failures = 3;
        var calls = new FaultyCalls { BeforeAccept = () => failures-- > 0 ? -Errno.ConnectionAborted : 0 };
        await using TestServer server = await TestServer.StartAsync(EventLoopKind.Epoll, () => new TestHandler(), calls: calls);
        using Socket client = await server.ConnectAsync();
        await client.SendAllAsync(new byte[1]);
        await client.ReceiveExactlyAsync(1);
        Assert.Equal(0, server.Listener.AcceptPauses);
    }

    private static bool IsPaused((LogLevel Level, string Text, Exception? Exception) entry) =>
        entry.Level == LogLevel.Warning && entry.Text.Contains("paused", StringComparison.Ordinal);

    private static bool IsResumed((LogLevel Level, string Text, Exception? Exception) entry) =>
        entry.Text.Contains("accepted again", StringComparison.Ordinal);

    private static Limits GetLimit()
    {
        Assert.Equal(0, getrlimit(NumberOfFiles, out Limits limits));
        return limits;
    }

    private static void SetLimit(Limits limits) => Assert.Equal(0, setrlimit(NumberOfFiles, in limits));

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, out Limits limits);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, in Limits limits);

    private readonly record struct Limits(nuint Soft, nuint Hard);
}
