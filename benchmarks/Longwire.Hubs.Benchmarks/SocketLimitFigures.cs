using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// The cost of all limits together for a publication over sockets, in processor time of the server alone. The three hubs of its process take short
/// turns, there and back again, so that a machine that gets slower or faster harms none of them.
/// </summary>
internal static class SocketLimitFigures
{
    /// <summary>How much of a publication the limits may cost, in percent.</summary>
    private const double Allowed = 2;

    // Which memory a process happens to get makes some percent.
    private const int Processes = 2;

    private static readonly TimeSpan _firstWarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _turn = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan _time = TimeSpan.FromSeconds(8);

    // Many rooms at one time, so that the server is busy and does not wait for each message: waiting is dear, and would hide the limits.
    private static readonly RoomKind[] _kinds =
    [
        new("1", 200, 1),
        new("1, with an `ack`", 200, 1, AskForAnswers: true),
        new("1, a guest", 200, 1, AreGuests: true),
        new("10", 20, 10),
        new("50", 10, 50),
        new("1,000", 2, 1_000),
    ];

    /// <summary>Measures. Returns a table, and the seconds that a publication without limits takes, by the kind of room.</summary>
    public static async Task<(string Table, Dictionary<string, double> Free)> MeasureAsync()
    {
        List<Round>[] rounds = [.. _kinds.Select(static _ => new List<Round>())];
        for (int process = 0; process < Processes; process++)
        {
            using ServerProcess server = ServerProcess.StartLimited();
            for (int kind = 0; kind < _kinds.Length; kind++)
            {
                Console.Error.WriteLine($"process {process + 1} of {Processes}: rooms of {_kinds[kind].Name}");
                await MeasureAsync(server, _kinds[kind], kind == 0 ? _firstWarmUp : _warmUp, rounds[kind]);
            }
        }

        var text = new StringBuilder();
        Dictionary<string, double> costs = [];
        text.Append(
            "| members of the room | µs of the server's CPU for a publication, without limits | all limits | a second hub without limits | |\n"
        );
        text.Append("| --- | ---: | ---: | ---: | --- |\n");
        foreach ((RoomKind kind, List<Round> of) in _kinds.Zip(rounds))
        {
            var limits = Spread.Of(of.Select(static round => round.Limited / round.Free));
            var noise = Spread.Of(of.Select(static round => round.Again / round.Free));
            double free = costs[kind.Name] = Spread.Of(of.Select(static round => round.Free)).Median;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {kind.Name} | {free * 1e6:0.00} | {limits.InPercent} | {noise.InPercent} | {Judge(limits, noise)} |\n"
            );
        }

        return (text.ToString(), costs);
    }

    private static async Task MeasureAsync(ServerProcess server, RoomKind kind, TimeSpan warmUp, List<Round> rounds)
    {
        await using Speakers limited = await Speakers.ConnectAsync(server.Authority, "limited", kind);
        await using Speakers free = await Speakers.ConnectAsync(server.Authority, "free", kind);
        await using Speakers again = await Speakers.ConnectAsync(server.Authority, "again", kind);
        foreach (Speakers speakers in (Speakers[])[limited, free, again])
        {
            await speakers.TalkAsync(warmUp);
        }

        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < _time)
        {
            // There and back again, so that each stands in the middle of the same time.
            Cost[] there = [await TurnAsync(limited), await TurnAsync(free), await TurnAsync(again)];
            Cost[] back = [await TurnAsync(again), await TurnAsync(free), await TurnAsync(limited)];
            rounds.Add(new Round(there[0].With(back[2]), there[1].With(back[1]), there[2].With(back[0])));
        }

        async Task<Cost> TurnAsync(Speakers speakers)
        {
            double before = server.CpuSeconds;
            long said = await speakers.TalkAsync(_turn);
            return new Cost(server.CpuSeconds - before, said);
        }
    }

    private static string Judge(Spread limits, Spread noise)
    {
        double error = Math.Max(Math.Abs(noise.Low - 1), Math.Abs(noise.High - 1)) * 100;
        double cost = (limits.Median - 1) * 100;
        return error >= Allowed ? Say($"the noise of {error:0.0} % is too great to say anything")
            : Math.Abs(cost) <= error ? Say($"less than the noise of {error:0.0} %")
            : (limits.High - 1) * 100 < Allowed ? Say($"less than {Allowed} %")
            : (limits.Low - 1) * 100 > Allowed ? Say($"**more than {Allowed} %**")
            : Say($"may be more than {Allowed} %");
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private readonly record struct Cost(double CpuSeconds, long Publications)
    {
        public double With(Cost other) => (CpuSeconds + other.CpuSeconds) / (Publications + other.Publications);
    }

    /// <summary>The processor time of a publication in each hub.</summary>
    private sealed record Round(double Limited, double Free, double Again);

    /// <summary>A median, and between what the true one lies in 95 of 100 cases, by the order of the values alone.</summary>
    private readonly record struct Spread(double Median, double Low, double High)
    {
        public string InPercent => Say($"{(Median - 1) * 100:+0.0;−0.0} % ({(Low - 1) * 100:+0.0;−0.0} to {(High - 1) * 100:+0.0;−0.0})");

        public static Spread Of(IEnumerable<double> values)
        {
            double[] sorted = [.. values.Order()];
            int half = (int)Math.Ceiling(0.98 * Math.Sqrt(sorted.Length));
            int middle = sorted.Length / 2;
            return new Spread(sorted[middle], sorted[Math.Max(0, middle - half)], sorted[Math.Min(sorted.Length - 1, middle + half)]);
        }
    }
}
