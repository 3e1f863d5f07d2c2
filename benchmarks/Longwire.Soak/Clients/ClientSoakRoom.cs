using System.Diagnostics;
using System.Globalization;
using Longwire.Hubs.Client;

namespace Longwire.Soak;

/// <summary>
/// A room with a writer, whose process is killed and started again, and a reader, both behind the proxy, and what a witness saw that is not.
/// </summary>
internal sealed class ClientSoakRoom(ClientSoak soak, string name, int seed) : IAsyncDisposable
{
    private const int MostLines = 2_000;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Random _random = new(seed);
    private readonly List<int> _queued = [];
    private readonly List<SoakNumber> _published = [];
    private readonly List<SoakNumber> _received = [];
    private readonly List<string> _faults = [];
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly HubClient _reader = new(soak.TroubledAddress, ClientSoakWriter.Options("reader"));
    private bool _hasSkipped;

    public int Kills { get; private set; }

    public int Published => Count(_published);

    /// <summary>How often the reader's connection was lost.</summary>
    public int Losses { get; private set; }

    public async Task StartAsync(HubClient witness)
    {
        witness.Room(name).On<SoakNumber>((number, _) => Add(_published, number));
        await witness.Room(name).JoinAsync().WaitAsync(_patience);
        HubClientRoom room = _reader.Room(name);
        room.On<SoakNumber>((number, _) => Receive(number));
        // The history is longer than any absence here.
        room.Reset += (_, reset) => Fault($"the reader was told that something is missing: {reset}");
        _reader.StateChanged += (_, change) => Losses += change.State == Longwire.Client.ClientState.Reconnecting ? 1 : 0;
        await room.JoinAsync().WaitAsync(_patience);
    }

    /// <summary>Has processes publish, and kills one after the other, until it is over.</summary>
    public async Task RunAsync(Func<bool> isOver)
    {
        for (int run = 0; run < 2 || !isOver(); run++)
        {
            await PublishUntilKilledAsync(run, isOver);
            Kills++;
            if (soak.Fault == ClientSoakFault.OutboxForgotten)
            {
                File.Delete(_file);
            }
        }
    }

    /// <summary>Has a last process publish what is left and one number of its own, behind which nothing comes.</summary>
    public async Task EndAsync()
    {
        int run = _queued.Count;
        using Process process = Start(soak.TroubledAddress, run, count: 1);
        await ReadAsync(process, run, lines: int.MaxValue, static () => false);
        await process.WaitForExitAsync().WaitAsync(_patience);
        if (process.ExitCode != 0)
        {
            Fault($"the last process ended with {process.ExitCode}");
            return;
        }

        await Standstill.UntilAsync(
            () => Has(_published, run) && Has(_received, run),
            () => Count(_published) + Count(_received),
            () => $"{name} has {Count(_published)} published and {Count(_received)} received, without the last process' number"
        );
    }

    /// <summary>The faults that were found in this room.</summary>
    public IEnumerable<string> Judge()
    {
        lock (_faults)
        {
            return [.. _faults.Concat(ClientSoakJudge.Find(_published, _received, _queued)).Select(fault => $"{name}: {fault}")];
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _reader.DisposeAsync();
        File.Delete(_file);
    }

    private async Task PublishUntilKilledAsync(int run, Func<bool> isOver)
    {
        // Publications of an outbox that is forgotten must not have left it: nobody listens there.
        string address = soak.Fault == ClientSoakFault.OutboxForgotten ? "ws://127.0.0.1:1/hub" : soak.TroubledAddress;
        int lines = soak.Fault == ClientSoakFault.OutboxForgotten ? 10 : _random.Next(1, _random.Next(2) == 0 ? 50 : MostLines);
        using Process process = Start(address, run, count: -1);
        try
        {
            await ReadAsync(process, run, lines, isOver);
        }
        finally
        {
            // SIGKILL.
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    private Process Start(string address, int run, int count)
    {
        string[] arguments =
        [
            typeof(ClientSoakRoom).Assembly.Location,
            "clients-write",
            address,
            name,
            _file,
            run.ToString(CultureInfo.InvariantCulture),
            count.ToString(CultureInfo.InvariantCulture),
            soak.Fault == ClientSoakFault.PublishedTwice ? "twice" : "once",
        ];
        _queued.Add(-1);
        return Process.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true })!;
    }

    private async Task ReadAsync(Process process, int run, int lines, Func<bool> isOver)
    {
        for (int line = 0; line < lines && (line == 0 || !isOver()); line++)
        {
            string? text = await process.StandardOutput.ReadLineAsync().WaitAsync(_patience);
            if (text is null)
            {
                return;
            }

            if (text.StartsWith("queued ", StringComparison.Ordinal))
            {
                _queued[run] = int.Parse(text.AsSpan(7), CultureInfo.InvariantCulture);
            }
            else if (!text.StartsWith("acked ", StringComparison.Ordinal))
            {
                Fault($"process {run} says {text}");
            }
        }
    }

    private void Receive(SoakNumber number)
    {
        if (soak.Fault == ClientSoakFault.NotHanded && !_hasSkipped)
        {
            _hasSkipped = true;
            return;
        }

        Add(_received, number);
    }

    private void Fault(string what)
    {
        lock (_faults)
        {
            _faults.Add(what);
        }
    }

    private static void Add(List<SoakNumber> numbers, SoakNumber number)
    {
        lock (numbers)
        {
            numbers.Add(number);
        }
    }

    private static int Count(List<SoakNumber> numbers)
    {
        lock (numbers)
        {
            return numbers.Count;
        }
    }

    private static bool Has(List<SoakNumber> numbers, int run)
    {
        lock (numbers)
        {
            return numbers.Count > 0 && numbers[^1].Run == run;
        }
    }
}
