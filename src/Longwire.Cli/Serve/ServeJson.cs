using System.Text.Json.Serialization;

namespace Longwire.Cli.Serve;

/// <summary>The pages' messages are text. The hub wants some metadata of JSON where there is no reflection, whatever it is of.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class ServeJson : JsonSerializerContext;
