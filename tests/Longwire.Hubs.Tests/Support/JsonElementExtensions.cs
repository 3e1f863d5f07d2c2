using System.Text.Json;

namespace Longwire.Hubs.Tests;

internal static class JsonElementExtensions
{
    public static string Text(this JsonElement message, string field) => message.GetProperty(field).GetString()!;

    public static long Number(this JsonElement message, string field) => message.GetProperty(field).GetInt64();

    public static bool Has(this JsonElement message, string field) => message.TryGetProperty(field, out _);

    public static string[] Names(this JsonElement message) => [.. message.EnumerateObject().Select(property => property.Name)];
}
