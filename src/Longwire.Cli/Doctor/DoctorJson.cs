using System.Text.Json.Serialization;

namespace Longwire.Cli.Doctor;

/// <summary>The JSON of a diagnosis.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Diagnosis))]
internal sealed partial class DoctorJson : JsonSerializerContext;
