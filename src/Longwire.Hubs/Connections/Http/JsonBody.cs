using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Longwire.Hubs;

/// <summary>Reads the body of a request that has to be JSON, and of a bounded size.</summary>
internal static class JsonBody
{
    /// <summary>The body; or null, and the status that says why not.</summary>
    public static async Task<(byte[]? Body, int StatusCode)> ReadAsync(HttpContext context, int maxBytes)
    {
        // A form of a foreign page can't have this type without asking first.
        if (
            !MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type)
            || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        )
        {
            return (null, StatusCodes.Status415UnsupportedMediaType);
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            // The limit below is the hub's own. Over the server's the client would not be answered but cut off.
            size.MaxRequestBodySize = null;
        }

        if (context.Request.ContentLength > maxBytes)
        {
            return (null, StatusCodes.Status413PayloadTooLarge);
        }

        PipeReader reader = context.Request.BodyReader;
        try
        {
            ReadResult read = await reader.ReadAtLeastAsync(maxBytes + 1, context.RequestAborted);
            byte[]? body = read.Buffer.Length > maxBytes ? null : System.Buffers.BuffersExtensions.ToArray(read.Buffer);
            reader.AdvanceTo(read.Buffer.End);
            return (body, StatusCodes.Status413PayloadTooLarge);
        }
        catch (BadHttpRequestException exception)
        {
            return (null, exception.StatusCode);
        }
    }
}
