using System.Globalization;

namespace Longwire.Conformance;

/// <summary>The number of a case, such as <c>6.4.1</c>. Numbers sort part by part: 2.10 comes after 2.9.</summary>
public readonly struct CaseId : IEquatable<CaseId>, IComparable<CaseId>
{
    private readonly string? _text;

    /// <summary>Takes a number of one to four parts, divided by dots.</summary>
    /// <param name="text">The number, for instance <c>7.13.2</c>.</param>
    /// <exception cref="FormatException">A part is not a number.</exception>
    public CaseId(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        foreach (string part in text.Split('.'))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            {
                throw new FormatException($"'{text}' is not a case number.");
            }
        }

        _text = text;
    }

    /// <summary>The first part: the chapter of the case.</summary>
    public int Chapter => Part(0);

    /// <summary>Tells whether both are the same number.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator ==(CaseId left, CaseId right) => left.Equals(right);

    /// <summary>Tells whether they differ.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator !=(CaseId left, CaseId right) => !left.Equals(right);

    /// <summary>Tells whether one number comes before the other.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator <(CaseId left, CaseId right) => left.CompareTo(right) < 0;

    /// <summary>Tells whether one number comes after the other.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator >(CaseId left, CaseId right) => left.CompareTo(right) > 0;

    /// <summary>Tells whether one number comes before the other or is the same.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator <=(CaseId left, CaseId right) => left.CompareTo(right) <= 0;

    /// <summary>Tells whether one number comes after the other or is the same.</summary>
    /// <param name="left">One number.</param>
    /// <param name="right">The other.</param>
    public static bool operator >=(CaseId left, CaseId right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public int CompareTo(CaseId other)
    {
        for (int index = 0; index < 4; index++)
        {
            int order = Part(index).CompareTo(other.Part(index));
            if (order != 0)
            {
                return order;
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public bool Equals(CaseId other) => ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CaseId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => _text ?? "0";

    private int Part(int index)
    {
        string[] parts = ToString().Split('.');
        return index < parts.Length ? int.Parse(parts[index], CultureInfo.InvariantCulture) : -1;
    }
}
