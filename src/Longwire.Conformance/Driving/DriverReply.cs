using System.Text;
using System.Text.Json;

namespace Longwire.Conformance;

/// <summary>The answers to a client's driver, as JSON.</summary>
internal static class DriverReply
{
    public static string Info(ConformanceCase about) =>
        Write(json =>
        {
            json.WriteString("id", about.Id.ToString());
            json.WriteString("description", about.Description);
        });

    public static string Status(CaseResult? result) => Write(json => json.WriteString("behavior", result?.Verdict.ToName() ?? "UNKNOWN"));

    private static string Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
