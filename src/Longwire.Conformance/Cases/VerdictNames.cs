namespace Longwire.Conformance;

/// <summary>The verdicts in the words that reports of such suites use, so that results compare with published ones.</summary>
public static class VerdictNames
{
    /// <summary>The name of a verdict on behaviour, for instance <c>NON-STRICT</c>.</summary>
    /// <param name="verdict">The verdict.</param>
    public static string ToName(this Verdict verdict) =>
        verdict switch
        {
            Verdict.Ok => "OK",
            Verdict.NonStrict => "NON-STRICT",
            Verdict.Informational => "INFORMATIONAL",
            Verdict.Unimplemented => "UNIMPLEMENTED",
            _ => "FAILED",
        };

    /// <summary>The name of a verdict on the close, for instance <c>WRONG CODE</c>.</summary>
    /// <param name="verdict">The verdict.</param>
    public static string ToName(this CloseVerdict verdict) =>
        verdict switch
        {
            CloseVerdict.Ok => "OK",
            CloseVerdict.Informational => "INFORMATIONAL",
            CloseVerdict.FailedByClient => "FAILED BY CLIENT",
            CloseVerdict.WrongCode => "WRONG CODE",
            CloseVerdict.Unclean => "UNCLEAN",
            _ => "FAILED",
        };
}
