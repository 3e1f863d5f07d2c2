namespace Longwire.Conformance;

/// <summary>The cost of a case, which decides how many run side by side.</summary>
public enum CaseLoad
{
    /// <summary>Mostly waiting: many at once.</summary>
    Light,

    /// <summary>Megabytes or a processor: a few at once, after the light ones.</summary>
    Heavy,

    /// <summary>An attack, or a case that measures time: alone, so that it disturbs no other case and none disturbs it.</summary>
    Alone,
}
