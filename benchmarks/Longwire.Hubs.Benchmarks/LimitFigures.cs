using System.Globalization;
using System.Text;

namespace Longwire.Hubs.Benchmarks;

/// <summary>
/// The cost of all limits together for a publication, of two hubs in this process that take turns: one has every limit, so high that nothing is
/// refused, and the other none. A member publishes, and those who hear it only count.
/// </summary>
internal static class LimitFigures
{
    private const int Publications = 20_000;

    /// <summary>Measures. Returns a sentence for each size of the room.</summary>
    /// <param name="rounds">How many rounds.</param>
    /// <param name="overSockets">The seconds that a publication takes over sockets, by the room's members: of these it says the share, too.</param>
    public static async Task<string> MeasureAsync(int rounds, IReadOnlyDictionary<string, double>? overSockets = null)
    {
        var text = new StringBuilder();
        foreach (int members in (int[])[1, 10, 50])
        {
            await using var limited = new Side(isLimited: true, members);
            await using var free = new Side(isLimited: false, members);
            await limited.StartAsync();
            await free.StartAsync();
            List<double> ratios = [],
                costs = [],
                limitedCosts = [];
            for (int round = -rounds / 2; round < rounds; round++)
            {
                // Each is the first of every other round.
                (Side first, Side second) = round % 2 == 0 ? (limited, free) : (free, limited);
                double one = first.Run(Publications),
                    other = second.Run(Publications);
                (double with, double without) = first == limited ? (one, other) : (other, one);
                if (round >= 0)
                {
                    ratios.Add(with / without);
                    costs.Add(without);
                    limitedCosts.Add(with);
                }
            }

            ratios.Sort();
            costs.Sort();
            double seconds = (limitedCosts.Min() - costs[0]) / Publications;
            text.Append(
                CultureInfo.InvariantCulture,
                $"All limits cost {(ratios[rounds / 2] - 1) * 100:0.0} % of a publication of 100 B by a client to {members} members"
                    + $" ({(ratios[rounds / 4] - 1) * 100:0.0} to {(ratios[rounds * 3 / 4] - 1) * 100:0.0} in the middle half of {rounds} rounds),"
                    + $" which takes {costs[rounds / 2] * 1e6 / Publications:0.00} µs of CPU without them. The quickest rounds of the two, which a restless machine spoils"
                    + $" least, differ by {seconds * 1e9:0} ns of {costs[0] * 1e6 / Publications:0.00} µs."
            );
            if (overSockets?.TryGetValue($"{members}", out double whole) is true)
            {
                text.Append(
                    CultureInfo.InvariantCulture,
                    $" Of the {whole * 1e6:0.0} µs that a publication takes over sockets that is {seconds / whole * 100:0.00} %."
                );
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private sealed class Side(bool isLimited, int members) : IAsyncDisposable
    {
        private readonly byte[] _message = Encoding.UTF8.GetBytes(
            $$"""{"type":"message","room":"general","content":"{{new string('x', 98)}}"}"""
        );
        private readonly Hub _hub = new(isLimited ? Limits.All() : Limits.None());
        private readonly List<CountingLink> _links = [];

        public async Task StartAsync()
        {
            await _hub.StartAsync();
            for (int number = 0; number < members; number++)
            {
                var link = new CountingLink();
                _hub.Accept(link, new HubHandshake { Identity = new HubIdentity($"user{number}") });
                link.Session!.Receive(link, MessageType.Text, """{"type":"join-room","room":"general"}"""u8);
                _links.Add(link);
            }
        }

        /// <summary>Publishes so often. Returns the seconds of CPU.</summary>
        public double Run(int publications)
        {
            CountingLink speaker = _links[0];
            long before = _links.Sum(static link => link.Publications);
            TimeSpan began = Environment.CpuUsage.TotalTime;
            for (int number = 0; number < publications; number++)
            {
                speaker.Session!.Receive(speaker, MessageType.Text, _message);
            }

            double seconds = (Environment.CpuUsage.TotalTime - began).TotalSeconds;
            long heard = _links.Sum(static link => link.Publications) - before;
            return heard == (long)publications * members
                ? seconds
                : throw new InvalidOperationException($"{publications * members:N0} should have been delivered, and {heard:N0} were.");
        }

        public ValueTask DisposeAsync() => _hub.DisposeAsync();
    }
}
