using System.Text.Json.Serialization;

namespace Longwire.Cli.Bench;

/// <summary>JSON of results for machines, and of shares for the process that adds them up.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(BenchResult))]
[JsonSerializable(typeof(BenchShare))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class BenchJson : JsonSerializerContext;
