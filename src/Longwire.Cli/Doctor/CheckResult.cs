using System.Text.Json.Serialization;

namespace Longwire.Cli.Doctor;

/// <summary>How a check went.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CheckResult>))]
internal enum CheckResult
{
    /// <summary>It works.</summary>
    [JsonStringEnumMemberName("ok")]
    Ok,

    /// <summary>It works, and may surprise.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>It doesn't work.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It wasn't tried.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,
}
