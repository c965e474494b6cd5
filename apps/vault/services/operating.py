"""Opening, closing and renewing the vault. In words: `unlock` and `lock` act on the vault as a whole,
`seal` and `unseal` (in `sealing`) on one secret."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django_tenants.utils import get_public_schema_name, get_tenant_model, schema_context

from apps.kernel.clock import now
from apps.kernel.errors import Conflict
from apps.kernel.events import publish
from apps.vault import keyholder, state
from apps.vault.core.envelope import seal as seal_text
from apps.vault.core.keys import Derivation, Key
from apps.vault.events import DataKeyRotated, VaultUnsealed, VaultWasSealed
from apps.vault.models import DataKey, VaultParameters
from apps.vault.services.sealing import active_key, opened, place_of_key
from uzo.settings.paths import secret_file


def initialise(*, password: str) -> VaultParameters:
    """Give the vault its master password and open it. Raises Conflict if it has one already: nobody can
    claim it a second time."""
    derivation = Derivation.fresh()
    key = derivation.key(password)
    with schema_context(get_public_schema_name()):
        try:
            with transaction.atomic():
                made = VaultParameters.objects.create(id=1, derivation=derivation.as_json(), verifier=state.proof(key))
        except IntegrityError as error:
            raise Conflict("The vault has a master password already", code="already_initialised") from error
    keyholder.keep(key)
    return made


def ensure_initialised() -> VaultParameters | None:
    """Where the vault opens itself, make the key file and the vault when they are not there. None where it
    does not: then an operator gives the password."""
    known = state.parameters()
    if known is not None or not settings.VAULT_AUTO_UNSEAL:
        return known
    keyholder.master_password()  # refuses a key file in a bad place before one is made there
    password = secret_file(settings.VAULT_KEY_FILE)
    try:
        return initialise(password=password)
    except Conflict:
        return state.parameters()  # another process was first


def unlock(*, password: str, by: UUID | None = None) -> None:
    """Open the vault on this machine, and lift an operator's seal. Raises WrongPassword. The first password
    ever given becomes the master password."""
    known = state.parameters()
    if known is None:
        initialise(password=password)
    else:
        keyholder.keep(state.derive(known, password))
    with schema_context(get_public_schema_name()), transaction.atomic():
        VaultParameters.objects.filter(pk=1).update(sealed_at=None)
        publish(VaultUnsealed(by=by))


def lock(*, by: UUID | None = None) -> None:
    """Close the vault on all machines, at once for whatever asks next."""
    known = state.parameters()
    if known is None:
        raise Conflict("The vault has no master password yet", code="not_initialised")
    with schema_context(get_public_schema_name()), transaction.atomic():
        VaultParameters.objects.filter(pk=1, sealed_at=None).update(sealed_at=now())
        publish(VaultWasSealed(by=by))
    keyholder.drop(state.key_id(known))


def change_password(*, old: str, new: str) -> int:
    """A new master password: every tenant's data keys are sealed anew, secrets stay as they are. Answers the
    number of data keys. Raises WrongPassword."""
    known = state.parameters()
    if known is None:
        raise Conflict("The vault has no master password yet", code="not_initialised")
    before, derivation = state.derive(known, old), Derivation.fresh()
    after = derivation.key(new)
    with transaction.atomic():
        count = 0
        for schema in _tenants():
            with schema_context(schema):
                count += _reseal_keys(before, after)
        with schema_context(get_public_schema_name()):
            VaultParameters.objects.filter(pk=1).update(
                derivation=derivation.as_json(), verifier=state.proof(after), rotated_at=now()
            )
    keyholder.keep(after)
    keyholder.drop(before.id)
    return count


def _reseal_keys(before: Key, after: Key) -> int:
    rows = list(DataKey.objects.select_for_update())
    for row in rows:
        row.sealed = seal_text(after, opened(row, before).secret, place_of_key(row.pk))
        row.save(update_fields=["sealed"])
    return len(rows)


@transaction.atomic
def rotate_data_key() -> UUID:
    """A new data key for the current tenant. Who keeps secrets seals them anew (`DataKeyRotated`)."""
    active_key()
    DataKey.objects.filter(retired_at=None).update(retired_at=now())
    key = active_key()
    publish(DataKeyRotated(key_id=key.id))
    return key.id


def _tenants() -> list[str]:
    public = get_public_schema_name()
    with schema_context(public):
        names = list(get_tenant_model().objects.exclude(schema_name=public).values_list("schema_name", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [names])
        return [row[0] for row in cursor.fetchall()]
