"""Where the running kernel keeps the fields of its structures, as it tells in /sys/kernel/btf/vmlinux."""
import struct

PATH = "/sys/kernel/btf/vmlinux"
MAGIC = 0xEB9F
KIND_ARRAY, KIND_STRUCT, KIND_UNION, KIND_ENUM = 3, 4, 5, 6
# Bytes after the 12 of a type: fixed ones, and so many for each of its `vlen` members.
FIXED = {1: 4, 3: 12, 14: 4, 17: 4}
EACH = {4: 12, 5: 12, 6: 8, 13: 8, 15: 12, 19: 12}


class Btf:
    """The structures, unions and enumerations of some names; one walk over a hundred thousand types finds them."""

    def __init__(self, names):
        with open(PATH, "rb") as file:
            self._data = data = file.read()
        magic, _version, _flags, header, types, types_length, strings, strings_length = struct.unpack_from("<HBBIIIII", data)
        if magic != MAGIC:
            raise OSError("%s is not of this machine" % PATH)
        self._strings = data[header + strings : header + strings + strings_length]
        wanted = {self._strings.index(b"\0" + name.encode() + b"\0") + 1: name for name in names}
        self._at = []
        self._named = {}
        self._walk(header + types, header + types + types_length, wanted)

    def _walk(self, at, end, wanted):
        unpack = struct.Struct("<II").unpack_from
        data, places = self._data, self._at
        # Type 0 is void.
        places.append(0)
        while at < end:
            name, info = unpack(data, at)
            kind = info >> 24 & 31
            if name in wanted and kind in (KIND_STRUCT, KIND_UNION, KIND_ENUM):
                self._named.setdefault(wanted[name], at)
            places.append(at)
            at += 12 + FIXED.get(kind, 0) + EACH.get(kind, 0) * (info & 0xFFFF)

    def _text(self, offset):
        return self._strings[offset : self._strings.index(b"\0", offset)].decode()

    def offset(self, structure, field):
        """Bytes from the start of a structure to a field, which may lie in a part of it that has no name."""
        found = self._find(self._named[structure], field)
        if found is None:
            raise KeyError("%s has no %s" % (structure, field))
        return found

    def _find(self, at, field):
        _name, info, _size = struct.unpack_from("<III", self._data, at)
        for index in range(info & 0xFFFF):
            name, kind, bits = struct.unpack_from("<III", self._data, at + 12 + 12 * index)
            # With bit fields, the upper byte is their width.
            place = (bits & 0xFFFFFF if info >> 31 else bits) // 8
            if name != 0:
                if self._text(name) == field:
                    return place
                continue
            inner_at = self._at[kind]
            inner = struct.unpack_from("<I", self._data, inner_at + 4)[0] >> 24 & 31
            if inner in (KIND_STRUCT, KIND_UNION):
                found = self._find(inner_at, field)
                if found is not None:
                    return place + found
        return None

    def values(self, enumeration):
        """Names by their numbers."""
        at = self._named[enumeration]
        _name, info, _size = struct.unpack_from("<III", self._data, at)
        pairs = (struct.unpack_from("<Ii", self._data, at + 12 + 8 * index) for index in range(info & 0xFFFF))
        return {value: self._text(name) for name, value in pairs}
