namespace Longwire.Fuzzing;

/// <summary>
/// The hub as a whole: two nodes on one store, clients whose connections are cut, half-open, full and replaced at every step, an engine
/// that is slow, frozen, cut off and loses data, judged by a small model of what must be (<see cref="HubModel"/>).
/// </summary>
internal sealed class HubTarget(HubFault fault = HubFault.None) : FuzzTarget
{
    private const int MostSteps = 200;

    public override string Name => "hub";

    // Those that wait for a room that is being given up continue on the thread pool.
    public override bool IsDeterministic => false;

    public override byte[] Generate(Random random)
    {
        byte[] input = new byte[2 * random.Next(1, random.Next(4) == 0 ? MostSteps : 60)];
        random.NextBytes(input);
        // Trouble of some kinds in each run, and not of all: else little would ever come of anything.
        bool isCalm = random.Next(2) == 0;
        for (int at = 0; at + 1 < input.Length; at += 2)
        {
            int kind = input[at] % HubRun.Kinds;
            if (kind is 10 or 13 or 18 && isCalm && random.Next(4) != 0)
            {
                input[at] = (byte)random.Next(9);
            }
        }

        return input;
    }

    public override string Check(byte[] input) =>
        HubRun.PlayAsync(input[..Math.Min(input.Length, 4 * MostSteps)], fault).GetAwaiter().GetResult();
}
