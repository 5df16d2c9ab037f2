package io.tributary.ingest.source;

/** What is kept, by its path in the source's JSON. A path that comes twice in one user is a fault. */
enum UserField {
    GENDER("gender"),
    NAME("name"),
    NAME_TITLE("name.title"),
    NAME_FIRST("name.first"),
    NAME_LAST("name.last"),
    LOCATION("location"),
    STREET("location.street"),
    STREET_NUMBER("location.street.number"),
    STREET_NAME("location.street.name"),
    CITY("location.city"),
    STATE("location.state"),
    COUNTRY("location.country"),
    POSTCODE("location.postcode"),
    COORDINATES("location.coordinates"),
    LATITUDE("location.coordinates.latitude"),
    LONGITUDE("location.coordinates.longitude"),
    TIMEZONE("location.timezone"),
    TIMEZONE_OFFSET("location.timezone.offset"),
    TIMEZONE_DESCRIPTION("location.timezone.description"),
    EMAIL("email"),
    LOGIN("login"),
    LOGIN_UUID("login.uuid"),
    LOGIN_USERNAME("login.username"),
    DOB("dob"),
    DOB_DATE("dob.date"),
    DOB_AGE("dob.age"),
    REGISTERED("registered"),
    REGISTERED_DATE("registered.date"),
    REGISTERED_AGE("registered.age"),
    PHONE("phone"),
    CELL("cell"),
    ID("id"),
    ID_NAME("id.name"),
    ID_VALUE("id.value"),
    PICTURE("picture"),
    PICTURE_LARGE("picture.large"),
    NAT("nat");

    final String path;

    UserField(String path) {
        this.path = path;
    }
}
