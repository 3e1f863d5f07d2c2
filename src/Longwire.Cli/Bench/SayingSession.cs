using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Longwire.Protocol;

namespace Longwire.Cli.Bench;

/// <summary>Says what it was told to, as to sign in, and waits for as many messages of the server's, whatever they are.</summary>
internal sealed partial class SayingSession(SessionRun run, int index) : BenchSession(run, index, isSlow: false)
{
    /// <summary>How many messages are still to come.</summary>
    public int Pending { get; private set; }

    public void Say()
    {
        BenchOptions options = Run.Options;
        // No two connections of all workers have the same number.
        int number = options.Worker is { } worker ? Index * options.Workers + worker : Index;
        Pending = options.Say.Count;
        foreach (string text in options.Say)
        {
            string filled = Placeholder()
                .Replace(
                    text,
                    match =>
                        (number / (match.Groups[1].Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 1)).ToString(
                            CultureInfo.InvariantCulture
                        )
                );
            if (!Link.Send(Encoding.UTF8.GetBytes(filled), Opcode.Text))
            {
                throw new BenchFault("The server does not take what the connections are to say.", ExitCode.Timeout);
            }
        }
    }

    protected override void OnMessageEnd(Opcode opcode, long bytes, bool isCompressed) => Pending = Math.Max(0, Pending - 1);

    [GeneratedRegex("""\{n(?:/([1-9]\d{0,8}))?\}""")]
    private static partial Regex Placeholder();
}
