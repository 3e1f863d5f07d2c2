using System.Text.Json;

namespace Longwire.Cli.Bench;

/// <summary>A measurement in a file: how many users there are when, and what each of them does.</summary>
// Settable, as the generated reader would forget the defaults of properties that can only be initialised.
internal sealed record Scenario
{
    /// <summary>The server; a URL on the command line goes before it.</summary>
    public string? Url { get; set; }

    /// <summary>
    /// How many users there are, stage by stage. Within a stage their number moves evenly from the last one's to this one's.
    /// </summary>
    public IReadOnlyList<ScenarioStage> Stages { get; set; } = [];

    /// <summary>The steps of a user once it has connected.</summary>
    public IReadOnlyList<ScenarioStep> First { get; set; } = [];

    /// <summary>The steps that the user then repeats.</summary>
    public IReadOnlyList<ScenarioStep> Repeat { get; set; } = [];

    /// <summary>How long an expected message may take, in seconds. Default 5.</summary>
    public double PatienceSeconds { get; set; } = 5;

    /// <exception cref="FormatException">The file can't be read as one.</exception>
    public static Scenario Read(string file)
    {
        try
        {
            Scenario scenario =
                JsonSerializer.Deserialize(File.ReadAllText(file), ScenarioJson.Default.Scenario) ?? throw new JsonException("it is null.");
            return scenario switch
            {
                { Stages.Count: 0 } => throw new FormatException($"'{file}' has no stages."),
                { First.Count: 0, Repeat.Count: 0 } => throw new FormatException(
                    $"'{file}' has no steps: give 'first', 'repeat', or both."
                ),
                _ when scenario.Stages.Any(static stage => stage.Users is < 0 or > 100_000 || stage.Seconds is not (> 0 and <= 86_400)) =>
                    throw new FormatException($"'{file}': a stage has 0 to 100,000 users and up to 86,400 seconds."),
                _ when scenario.First.Concat(scenario.Repeat).Any(static step => step.ThinkSeconds is not (>= 0 and <= 3600)) =>
                    throw new FormatException($"'{file}': a step waits 0 to 3,600 seconds."),
                _ => scenario,
            };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new FormatException($"'{file}' can't be read as a scenario: {exception.Message}", exception);
        }
    }
}
