namespace Longwire.Fuzzing;

/// <summary>
/// Ways to end: a connection on a TCP in memory under a clock that the steps turn. The peer sends, closes, ends its direction, resets,
/// breaks a rule, takes much or little of what is sent; the application reads, answers, sends, closes, aborts and pauses.
/// </summary>
/// <remarks>
/// Legal outcomes, by a small model of what must have arrived (<see cref="EndingModel"/>): messages that came whole are read, in their
/// order and once; what the application was told is sent arrives, in its order and once; one Close frame where one is owed, and nothing
/// behind it; the status is the peer's, or this side's for a fault, or 1006; the connection ends, in good order unless something was
/// dropped for a reason. Less is legal only when the application aborts, the peer resets, or somebody stood still for longer than the
/// options allow.
/// </remarks>
internal sealed class EndingTarget(EndingFault fault = EndingFault.None) : FuzzTarget
{
    public override string Name => "ending";

    public override byte[] Generate(Random random)
    {
        var input = new List<byte>(random.Bytes(EndingPlan.HeaderBytes));
        bool ended = false;
        for (int steps = random.Next(1, random.Next(4) == 0 ? EndingPlan.MostSteps : 25); steps > 0; steps--)
        {
            var step = (EndingStep)random.Next(EndingPlan.Kinds);
            bool ends =
                step
                is >= EndingStep.PeerCloses
                    and <= EndingStep.PeerBreaksARule
                    or EndingStep.ApplicationCloses
                    or EndingStep.ApplicationAborts;
            // Most that ends comes late, else little would ever be sent.
            if (ends && (ended || (steps > 8 && random.Next(6) != 0) || (step == EndingStep.ApplicationAborts && random.Next(4) != 0)))
            {
                step = EndingStep.PeerSends;
            }

            ended |= ends && random.Next(3) != 0;
            input.AddRange([(byte)step, (byte)random.Next(256)]);
        }

        return [.. input];
    }

    public override string Check(byte[] input)
    {
        var run = new EndingRun(new EndingPlan(input), fault);
        run.Play();
        run.Settle();
        return run.Judge();
    }
}
