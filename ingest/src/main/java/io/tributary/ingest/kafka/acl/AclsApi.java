package io.tributary.ingest.kafka.acl;

import io.tributary.ingest.kafka.cluster.Cluster;
import io.tributary.ingest.kafka.cluster.KafkaErrors;
import io.tributary.ingest.kafka.cluster.KeyAdmin;
import io.tributary.ingest.kafka.wire.KafkaRequest;
import io.tributary.kernel.fault.ProblemException;
import io.tributary.metadata.access.ApiKey;
import io.tributary.metadata.access.Grant;
import io.tributary.metadata.access.Principal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.message.CreateAclsRequestData.AclCreation;
import org.apache.kafka.common.message.CreateAclsResponseData;
import org.apache.kafka.common.message.CreateAclsResponseData.AclCreationResult;
import org.apache.kafka.common.message.DeleteAclsResponseData;
import org.apache.kafka.common.message.DeleteAclsResponseData.DeleteAclsFilterResult;
import org.apache.kafka.common.message.DescribeAclsResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreateAclsRequest;
import org.apache.kafka.common.requests.CreateAclsResponse;
import org.apache.kafka.common.requests.DeleteAclsRequest;
import org.apache.kafka.common.requests.DeleteAclsResponse;
import org.apache.kafka.common.requests.DescribeAclsRequest;
import org.apache.kafka.common.requests.DescribeAclsResponse;

/** Shows and changes API keys' grants as ACLs, for the tenant's administrators. Blocks. */
public final class AclsApi {
    private final KeyAdmin keys;

    public AclsApi(KeyAdmin keys) {
        this.keys = keys;
    }

    public AbstractResponse describe(KafkaRequest request) throws IOException {
        Cluster.requireAdministrator(request.session());
        AclBindingFilter filter = ((DescribeAclsRequest) request.body()).filter();
        if (filter.isUnknown()) {
            throw Errors.INVALID_REQUEST.exception("The filter has a part nobody knows.");
        }
        List<AclBinding> found = new ArrayList<>();
        for (ApiKey key : keys.list(request.session().who())) {
            GrantAcls.of(key.id(), key.grants()).stream()
                    .filter(filter::matches)
                    .forEach(found::add);
        }
        return new DescribeAclsResponse(
                new DescribeAclsResponseData()
                        .setResources(DescribeAclsResponse.aclsResources(found)),
                request.version());
    }

    public AbstractResponse create(KafkaRequest request) {
        Cluster.requireAdministrator(request.session());
        List<AclCreation> wanted = ((CreateAclsRequest) request.body()).aclCreations();
        ApiError[] results = new ApiError[wanted.size()];
        // What goes without saying last: it needs another grant, which may be among these.
        for (boolean implied : new boolean[] {false, true}) {
            for (int i = 0; i < results.length; i++) {
                if (results[i] == null) {
                    results[i] = create(request.session().who(), wanted.get(i), implied);
                }
            }
        }
        CreateAclsResponseData answer = new CreateAclsResponseData();
        for (ApiError result : results) {
            answer.results()
                    .add(
                            new AclCreationResult()
                                    .setErrorCode(result.error().code())
                                    .setErrorMessage(result.message()));
        }
        return new CreateAclsResponse(answer);
    }

    /** Null where it is not time for this one yet. */
    private ApiError create(Principal who, AclCreation wanted, boolean implied) {
        try {
            AclBinding acl = binding(wanted);
            String key = GrantAcls.keyId(acl);
            Set<Grant> more = GrantAcls.grants(acl);
            if (more.isEmpty() && !implied) {
                return null;
            }
            keys.changeGrants(
                    who,
                    key,
                    old -> {
                        if (more.isEmpty()) {
                            GrantAcls.requireImplied(acl, old);
                        }
                        Set<Grant> grants = new LinkedHashSet<>(old);
                        grants.addAll(more);
                        return List.copyOf(grants);
                    });
            return ApiError.NONE;
        } catch (IOException | RuntimeException e) {
            return refused(e);
        }
    }

    private static AclBinding binding(AclCreation wanted) {
        try {
            return CreateAclsRequest.aclBinding(wanted);
        } catch (IllegalArgumentException e) {
            throw Errors.INVALID_REQUEST.exception("The ACL is incomplete: " + e.getMessage());
        }
    }

    private static ApiError refused(Exception failure) {
        return failure instanceof ProblemException e && e.problem().status() < 500
                ? new ApiError(Errors.INVALID_REQUEST, e.problem().message())
                : KafkaErrors.described(failure);
    }

    public AbstractResponse delete(KafkaRequest request) throws IOException {
        Cluster.requireAdministrator(request.session());
        Principal who = request.session().who();
        List<ApiKey> all = keys.list(who);
        DeleteAclsResponseData answer = new DeleteAclsResponseData();
        for (AclBindingFilter filter : ((DeleteAclsRequest) request.body()).filters()) {
            DeleteAclsFilterResult result = new DeleteAclsFilterResult();
            try {
                for (AclBinding gone : delete(who, all, filter)) {
                    result.matchingAcls().add(DeleteAclsResponse.matchingAcl(gone, ApiError.NONE));
                }
            } catch (IOException | RuntimeException e) {
                ApiError error = refused(e);
                result.setErrorCode(error.error().code()).setErrorMessage(error.message());
            }
            answer.filterResults().add(result);
        }
        return new DeleteAclsResponse(answer, request.version());
    }

    /** A grant goes with all the ACLs it is, where the filter names one of them. */
    private List<AclBinding> delete(Principal who, List<ApiKey> all, AclBindingFilter filter)
            throws IOException {
        if (filter.isUnknown()) {
            throw Errors.INVALID_REQUEST.exception("The filter has a part nobody knows.");
        }
        List<AclBinding> gone = new ArrayList<>();
        for (ApiKey key : all) {
            if (key.grants().stream().noneMatch(grant -> names(filter, key, grant))) {
                continue;
            }
            List<Grant> removed = new ArrayList<>();
            keys.changeGrants(
                    who,
                    key.id(),
                    old -> {
                        removed.clear();
                        old.stream()
                                .filter(grant -> names(filter, key, grant))
                                .forEach(removed::add);
                        return old.stream().filter(grant -> !removed.contains(grant)).toList();
                    });
            gone.addAll(GrantAcls.of(key.id(), removed));
        }
        return gone;
    }

    private static boolean names(AclBindingFilter filter, ApiKey key, Grant grant) {
        return GrantAcls.of(key.id(), List.of(grant)).stream().anyMatch(filter::matches);
    }
}
