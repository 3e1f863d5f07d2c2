namespace Longwire.Samples.Editor;

/// <summary>One connection to the simple editor.</summary>
/// <param name="DocumentId">The document.</param>
/// <param name="UserId">The user's name, which others are told with what it writes.</param>
internal sealed record EditMember(string DocumentId, string UserId)
{
    private const int MostCharacters = 64;

    /// <summary>The member that a handshake makes; null, with 400 on the response, when a name is missing or too long.</summary>
    public static EditMember? From(HttpContext context)
    {
        string document = (string?)context.Request.RouteValues["document"] ?? "";
        string user = context.Request.Query["user"].ToString();
        if (document.Length is > 0 and <= MostCharacters && user.Length is > 0 and <= MostCharacters)
        {
            return new EditMember(document, user);
        }

        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return null;
    }
}
