namespace Tapline.Wire.Ovs;

/// <summary>Finds where one JSON object ends in a stream that has no other framing. Keeps its place between pieces.</summary>
internal struct JsonFramer
{
    private int _depth;
    private bool _inString;
    private bool _escaped;

    /// <summary>The index behind the object's closing brace in this piece, or -1 if it goes on.</summary>
    internal int FindEnd(ReadOnlySpan<byte> piece)
    {
        for (var i = 0; i < piece.Length; i++)
        {
            if (Ends(piece[i]))
            {
                return i + 1;
            }
        }

        return -1;
    }

    private bool Ends(byte character)
    {
        if (_inString)
        {
            _inString = _escaped || character != '"';
            _escaped = !_escaped && character == '\\';
            return false;
        }

        switch (character)
        {
            case (byte)'"':
                _inString = true;
                return false;
            case (byte)'{' or (byte)'[':
                _depth++;
                return false;
            case (byte)'}' or (byte)']':
                return --_depth <= 0;
            default:
                return false;
        }
    }
}
